package org.kerneldna.inference;

import java.lang.ref.Reference;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A program ready to run on inputs of certain shapes, with memory of its own: for one caller at a
 * time.
 *
 * @param actions in order
 * @param inputs whose data are the caller's
 * @param outputs whose data are the caller's, too
 * @param bytes memory of all values in between
 */
record Plan(
    stream stream, List<Runnable> actions, List<memory> inputs, List<memory> outputs, long bytes) {

  /**
   * Computes the outputs.
   *
   * @param layouts how the caller's arrays lie
   * @param arrays {@link Dense}, of the shapes that were planned for
   */
  INDArray[] run(VertexRunner layouts, INDArray... arrays) {
    for (int i = 0; i < arrays.length; i++) {
      bind(inputs.get(i), arrays[i]);
    }
    INDArray[] results = new INDArray[outputs.size()];
    for (int i = 0; i < results.length; i++) {
      long[] shape = layouts.ofGraph(OneDnn.shape(outputs.get(i).get_desc()));
      results[i] = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
      bind(outputs.get(i), results[i]);
    }
    actions.forEach(Runnable::run);
    stream._wait();
    // Until here nothing but oneDNN's memory knows where the arrays' numbers are.
    Reference.reachabilityFence(arrays);
    return results;
  }

  private static void bind(memory memory, INDArray array) {
    memory.set_data_handle(Dense.address(array));
  }
}
