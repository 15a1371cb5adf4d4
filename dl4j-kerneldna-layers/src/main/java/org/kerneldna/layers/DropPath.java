package org.kerneldna.layers;

import java.util.Collection;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.DropPathImpl;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Stochastic depth (arXiv 1603.09382), for the end of a residual branch: in training it drops the
 * whole branch for some samples of a batch, at random, and scales it by 1 / (1 - rate) for the
 * others; at inference it changes nothing.
 *
 * <p>Input and output of any shape, with the samples in dimension 0. The random numbers are those
 * of {@code Nd4j.getRandom()}, as for DL4J's dropout.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class DropPath extends NoParamLayer {

  private double rate;

  private DropPath(Builder builder) {
    super(builder);
    this.rate = builder.rate;
    initializeConstraints(builder);
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    return Instantiation.of(
        new DropPathImpl(conf, networkDataType),
        listeners,
        layerIndex,
        paramsView,
        initializeParams);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return inputType;
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return new LayerMemoryReport.Builder(layerName, getClass(), inputType, inputType)
        .standardMemory(0, 0)
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  /** Builds a {@link DropPath}. */
  public static class Builder extends org.deeplearning4j.nn.conf.layers.Layer.Builder<Builder> {

    private final double rate;

    /**
     * @param rate the probability that a sample is dropped
     * @throws DL4JInvalidConfigException if it is not in [0, 1)
     */
    public Builder(double rate) {
      if (!(rate >= 0 && rate < 1)) {
        throw new DL4JInvalidConfigException("The rate of DropPath must be in [0, 1), got " + rate);
      }
      this.rate = rate;
    }

    @Override
    @SuppressWarnings("unchecked")
    public DropPath build() {
      return new DropPath(this);
    }
  }
}
