package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.ChannelLayerNorm;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.math.ChannelNormalization;
import org.kerneldna.layers.math.ChannelNormalization.Statistics;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChannelLayerNorm}. */
public class ChannelLayerNormImpl
    extends ChannelwiseTemplate<ChannelLayerNorm, ChannelLayerNormImpl.Normalised> {

  /** The output, with the statistics of the input that came out on the way. */
  record Normalised(INDArray out, Statistics statistics) {}

  private final ChannelNormalization normalization;

  public ChannelLayerNormImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.normalization =
        new ChannelNormalization(layerConf().getDataFormat(), layerConf().getEps());
  }

  @Override
  public Type type() {
    return Type.NORMALIZATION;
  }

  @Override
  Normalised prepare(INDArray x, Pass pass) {
    INDArray out = pass.activations(x.shape());
    Statistics s =
        normalization.forward(
            x, pass.param(ChannelLayerNorm.GAMMA), pass.param(ChannelLayerNorm.BETA), out);
    return new Normalised(out, new Statistics(pass.keep(s.mean()), pass.keep(s.inverseStd())));
  }

  @Override
  INDArray forward(INDArray x, Normalised normalised, Pass pass) {
    return normalised.out;
  }

  @Override
  INDArray backward(INDArray x, Normalised normalised, INDArray gradOut, Pass pass) {
    INDArray gradX = pass.gradient(x.shape());
    normalization.backward(
        x,
        normalised.statistics,
        pass.param(ChannelLayerNorm.GAMMA),
        gradOut,
        gradX,
        gradientViews.get(ChannelLayerNorm.GAMMA),
        gradientViews.get(ChannelLayerNorm.BETA),
        pass.scratch(x.shape()));
    return gradX;
  }
}
