package org.kerneldna.layers.impl;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Normalization;
import org.kerneldna.layers.math.Normalization.Moments;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link BatchNorm}. */
public class BatchNormImpl extends ListedLayer<BatchNorm> {

  private final Normalization normalization;
  private final Channels channels;
  private Moments moments;

  public BatchNormImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.normalization = new Normalization(layerConf().getDataFormat(), layerConf().getEps());
    this.channels = new Channels(layerConf().getDataFormat());
  }

  @Override
  public Type type() {
    return Type.NORMALIZATION;
  }

  /**
   * @throws DL4JInvalidInputException if the input does not fit, or if asked to train on one number
   *     per channel
   */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray x = input.castTo(dataType);
    InputShape.requireChannels(
        layerConf().getLayerName(), x, channels, params.get(BatchNorm.GAMMA).length());
    INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
    Moments used = usesBatch(training) ? momentsOf(x) : running();
    moments = training ? used : null;
    return normalization.forward(
        x, used, params.get(BatchNorm.GAMMA), params.get(BatchNorm.BETA), out);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray x = input.castTo(dataType);
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    normalization.backward(
        x,
        moments,
        usesBatch(true),
        params.get(BatchNorm.GAMMA),
        epsilon,
        gradX,
        gradientViews.get(BatchNorm.GAMMA),
        gradientViews.get(BatchNorm.BETA));
    updateStatistics(channels.samples(x));
    Gradient gradient = new DefaultGradient();
    gradientViews.forEach((key, view) -> gradient.setGradientFor(key, view, 'c'));
    return new Pair<>(gradient, gradX);
  }

  @Override
  public void clear() {
    super.clear();
    moments = null;
  }

  private boolean usesBatch(boolean training) {
    return training && !layerConf().isFrozenStatistics();
  }

  private Moments running() {
    return Moments.of(params.get(BatchNorm.MEAN), params.get(BatchNorm.VARIANCE));
  }

  private Moments momentsOf(INDArray x) {
    if (channels.samples(x) == 1) {
      throw new DL4JInvalidInputException(
          "Layer \""
              + layerConf().getLayerName()
              + "\" cannot normalise a batch with one number per channel; use a batch of 2 or more");
    }
    return normalization.moments(x);
  }

  private void updateStatistics(long samples) {
    INDArray mean = gradientViews.get(BatchNorm.MEAN);
    INDArray variance = gradientViews.get(BatchNorm.VARIANCE);
    if (layerConf().isFrozenStatistics()) {
      mean.assign(0);
      variance.assign(0);
    } else {
      Normalization.runningUpdate(
          running(), moments, layerConf().getDecay(), samples, mean, variance);
    }
  }
}
