package org.kerneldna.zoo;

import lombok.EqualsAndHashCode;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Starts weights [nOut, nIn, ...] normally distributed with variance 2 / (nOut * kH * kW), as
 * PyTorch's {@code kaiming_normal_(mode="fan_out")} does (arXiv 1502.01852). DL4J's own {@code
 * RELU} goes by fan-in, and its fan-out shrinks with a convolution's stride.
 */
@EqualsAndHashCode
public final class KaimingNormal implements IWeightInit {

  @Override
  public INDArray init(double fanIn, double fanOut, long[] shape, char order, INDArray view) {
    double outputs = (double) view.length() / shape[1];
    Nd4j.randn(view).muli(Math.sqrt(2 / outputs));
    return view.reshape(order, shape);
  }
}
