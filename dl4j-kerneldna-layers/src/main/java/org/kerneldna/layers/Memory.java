package org.kerneldna.layers;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;

/** Estimates for DL4J's memory reports. */
final class Memory {

  private Memory() {}

  /** A layer whose output is a kernel: as large as the kernel, whatever the batch. */
  static LayerMemoryReport ofKernel(BaseLayer layer, InputType inputType) {
    InputType kernel = layer.getOutputType(-1, inputType);
    return report(layer, inputType, kernel.arrayElementsPerExample());
  }

  /** A layer that works on as many numbers per example as its input has. */
  static LayerMemoryReport ofActivations(BaseLayer layer, InputType inputType) {
    return report(layer, inputType, inputType.arrayElementsPerExample());
  }

  private static LayerMemoryReport report(BaseLayer layer, InputType inputType, long perExample) {
    long parameters = layer.initializer().numParams(layer);
    long state =
        layer.initializer().paramKeys(layer).isEmpty() || layer.getIUpdater() == null
            ? 0
            : layer.getIUpdater().stateSize(parameters);
    return new LayerMemoryReport.Builder(
            layer.getLayerName(), layer.getClass(), inputType, layer.getOutputType(-1, inputType))
        .standardMemory(parameters, state)
        .workingMemory(0, perExample, 0, perExample)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }
}
