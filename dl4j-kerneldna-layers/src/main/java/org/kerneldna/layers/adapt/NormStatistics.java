package org.kerneldna.layers.adapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.dynamic.Gate;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Normalization;
import org.kerneldna.layers.math.Normalization.Moments;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sets the running statistics of all batch normalisations, those of gates included, to those of one
 * batch: what a forward pass in training mode would leave if nothing of the old ones stayed, but
 * for dropout, which is off. Our layers keep the unbiased variance, as PyTorch does, DL4J's the
 * biased. Frozen layers are left alone.
 */
final class NormStatistics implements ForwardPass.Observer {

  /** Moments do not depend on it. */
  private static final double EPS = 1e-5;

  /** The least variance whose logarithm DL4J's layer can train on from. */
  private static final double LEAST_VARIANCE = 1e-20;

  /** Running variances that are still biased, as the pass normalises with them. */
  private final List<Biased> biased = new ArrayList<>();

  private record Biased(INDArray variance, long samples) {}

  private NormStatistics() {}

  /** Recomputes the statistics of {@code graph} on a batch, one array for each of its inputs. */
  static void recompute(ComputationGraph graph, INDArray... inputs) {
    NormStatistics statistics = new NormStatistics();
    ForwardPass.run(graph, inputs, statistics);
    statistics.biased.forEach(b -> b.variance.muli(b.samples / Math.max(b.samples - 1.0, 1)));
  }

  @Override
  public void before(GraphVertex vertex) {
    Layer layer = vertex.getLayer();
    if (layer != null && layer.numParams() > 0 && !(layer instanceof FrozenLayer)) {
      recompute(layer, layer.conf().getLayer(), layer.input().castTo(layer.params().dataType()));
    }
  }

  private void recompute(Layer layer, org.deeplearning4j.nn.conf.layers.Layer conf, INDArray x) {
    if (conf instanceof BatchNorm norm) {
      Moments batch = moments(norm.getDataFormat(), x);
      setUnbiased(layer, BatchNorm.MEAN, BatchNorm.VARIANCE, batch, samples(norm, x));
    } else if (conf instanceof SqueezeExcitation gate) {
      recomputeGate(layer, gate.routing(), x);
    } else if (conf instanceof KernelDNAConvolution conv && conv.routing() instanceof Gate gate) {
      recomputeGate(layer, gate, x);
    } else if (conf instanceof BatchNormalization norm && (x.rank() == 2 || x.rank() == 4)) {
      setBiased(layer, norm.isUseLogStd(), moments(norm.getCnn2DFormat(), x));
    }
  }

  private void recomputeGate(Layer layer, Gate gate, INDArray x) {
    Moments hidden = gate.moments(x, layer.paramTable());
    setUnbiased(layer, Gate.MEAN, Gate.VARIANCE, hidden, x.size(0));
  }

  /** Mean and biased variance of the channels. */
  private static Moments moments(CNN2DFormat format, INDArray x) {
    return new Normalization(format, EPS).moments(x);
  }

  private static long samples(BatchNorm norm, INDArray x) {
    return new Channels(norm.getDataFormat()).samples(x);
  }

  private void setUnbiased(
      Layer layer, String meanKey, String varianceKey, Moments batch, long samples) {
    assign(layer, meanKey, batch.mean());
    assign(layer, varianceKey, batch.variance());
    biased.add(new Biased(layer.getParam(varianceKey), samples));
  }

  private static void setBiased(Layer layer, boolean useLogStd, Moments batch) {
    assign(layer, BatchNormalizationParamInitializer.GLOBAL_MEAN, batch.mean());
    if (useLogStd) {
      double[] logStd =
          Arrays.stream(batch.variance())
              .map(variance -> Math.log10(Math.max(variance, LEAST_VARIANCE)) / 2)
              .toArray();
      assign(layer, BatchNormalizationParamInitializer.GLOBAL_LOG_STD, logStd);
    } else {
      assign(layer, BatchNormalizationParamInitializer.GLOBAL_VAR, batch.variance());
    }
  }

  private static void assign(Layer layer, String key, double[] values) {
    INDArray parameter = layer.getParam(key);
    parameter.assign(Nd4j.createFromArray(values).reshape(parameter.shape()));
  }
}
