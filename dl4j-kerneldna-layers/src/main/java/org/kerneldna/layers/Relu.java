package org.kerneldna.layers;

import java.util.Collection;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.ReluImpl;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's {@link ActivationLayer} for {@code max(0, x)} and for {@code min(max(0, x), 6)}, which
 * computes the same and trains several times as fast: it copies no input, and avoids ND4J's slow
 * operations for the gradients of these functions. Input and output have any shape.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class Relu extends ActivationLayer {

  /**
   * @param activation {@link Activation#RELU} or {@link Activation#RELU6}
   * @throws IllegalArgumentException if it is another
   */
  public Relu(Activation activation) {
    super(requireRelu(activation.getActivationFunction()));
  }

  /** An activation layer for any function, which is this one where it can be. */
  static ActivationLayer orOther(IActivation activation) {
    return isRelu(activation) ? new Relu(activation) : new ActivationLayer(activation);
  }

  private Relu(IActivation activation) {
    super(activation);
  }

  private static IActivation requireRelu(IActivation activation) {
    if (!isRelu(activation)) {
      throw new IllegalArgumentException(
          activation + " is no ReLU: give RELU or RELU6, or use DL4J's ActivationLayer");
    }
    return activation;
  }

  private static boolean isRelu(IActivation activation) {
    return activation instanceof ActivationReLU6 || activation.equals(new ActivationReLU());
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
        new ReluImpl(conf, networkDataType), listeners, layerIndex, paramsView, initializeParams);
  }
}
