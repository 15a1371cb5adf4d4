package org.kerneldna.layers.impl;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.math.Normalization;
import org.kerneldna.layers.math.Normalization.Moments;
import org.kerneldna.layers.math.Rectifier;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link BatchNorm}. */
public class BatchNormImpl extends ChannelwiseTemplate<BatchNorm, Moments> {

  private final Normalization normalization;

  public BatchNormImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    Activation rectifier = layerConf().getRectifier();
    this.normalization =
        new Normalization(
            layerConf().getDataFormat(),
            layerConf().getEps(),
            rectifier == null ? null : Rectifier.of(rectifier));
  }

  @Override
  public Type type() {
    return Type.NORMALIZATION;
  }

  /**
   * @throws DL4JInvalidInputException if asked to train on one number per channel
   */
  @Override
  Moments prepare(INDArray x, Pass pass) {
    if (!usesBatch(pass)) {
      return running(pass);
    }
    if (channels.samples(x) == 1) {
      throw new DL4JInvalidInputException(
          "Layer \""
              + layerConf().getLayerName()
              + "\" cannot normalise a batch with one number per channel; use a batch of 2 or more");
    }
    return normalization.moments(x);
  }

  @Override
  INDArray forward(INDArray x, Moments moments, Pass pass) {
    return normalization.forward(
        x,
        moments,
        pass.param(BatchNorm.GAMMA),
        pass.param(BatchNorm.BETA),
        pass.activations(x.shape()));
  }

  @Override
  INDArray backward(INDArray x, Moments moments, INDArray gradOut, Pass pass) {
    INDArray gradX = pass.gradient(x.shape());
    normalization.backward(
        x,
        moments,
        usesBatch(pass),
        pass.param(BatchNorm.GAMMA),
        pass.param(BatchNorm.BETA),
        gradOut,
        gradX,
        gradientViews.get(BatchNorm.GAMMA),
        gradientViews.get(BatchNorm.BETA));
    INDArray mean = gradientViews.get(BatchNorm.MEAN);
    INDArray variance = gradientViews.get(BatchNorm.VARIANCE);
    if (usesBatch(pass)) {
      Normalization.runningUpdate(
          running(pass), moments, layerConf().getDecay(), channels.samples(x), mean, variance);
    } else {
      mean.assign(0);
      variance.assign(0);
    }
    return gradX;
  }

  private boolean usesBatch(Pass pass) {
    return pass.training() && !layerConf().isFrozenStatistics();
  }

  private static Moments running(Pass pass) {
    return Moments.of(pass.param(BatchNorm.MEAN), pass.param(BatchNorm.VARIANCE));
  }
}
