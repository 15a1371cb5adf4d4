package org.kerneldna.layers;

import java.util.Collection;
import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.LayerScaleImpl;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scales each channel by a learned factor that starts near 0, so that a residual block starts near
 * the identity (LayerScale, arXiv 2103.17239): {@code y = x * gamma}.
 *
 * <p>Input and output [N, C] or [N, C, H, W] (or channels last); parameter {@code gamma} [C].
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class LayerScale extends ChannelwiseLayer {

  public static final String GAMMA = "gamma";

  private double initialValue;

  private LayerScale(Builder builder) {
    super(builder);
    this.initialValue = builder.initialValue;
    initializeConstraints(builder);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter(GAMMA, Role.GAIN, nOut));
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    Layer layer =
        super.instantiate(
            conf, listeners, layerIndex, paramsView, initializeParams, networkDataType);
    if (initializeParams) {
      layer.getParam(GAMMA).assign(initialValue);
    }
    return layer;
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new LayerScaleImpl(conf, dataType);
  }

  /** Builds a {@link LayerScale}. */
  public static class Builder extends BaseBuilder<Builder> {

    private double initialValue = 1e-6;

    /** Where {@code gamma} starts. Default: 1e-6. */
    public Builder initialValue(double value) {
      this.initialValue = value;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public LayerScale build() {
      return new LayerScale(this);
    }
  }
}
