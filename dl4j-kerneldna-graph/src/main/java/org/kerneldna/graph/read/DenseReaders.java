package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Embedding;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Transpose;
import org.nd4j.linalg.factory.Nd4j;

/** Layers of rows [N, C]. */
final class DenseReaders implements Readers.Provider {

  /** DL4J's layer normalisation has no epsilon and makes zeros of a row of equal numbers. */
  private static final double NEXT_TO_NOTHING = 1e-30;

  @Override
  public void addTo(Readers readers) {
    readers
        .add(DenseLayer.class, DenseReaders::dense)
        .add(EmbeddingLayer.class, DenseReaders::embedding)
        .add(ElementWiseMultiplicationLayer.class, DenseReaders::multiplied);
  }

  private static void dense(DenseLayer conf, Reading r) {
    if (!conf.hasLayerNorm()) {
      linear(conf, conf.hasBias(), r);
      return;
    }
    long n = conf.getNOut();
    String product = r.add("linear", new Linear(false), r.plain(0), weight(conf, r));
    String beta = conf.hasBias() ? r.parameter("b", n) : r.constant("b", Nd4j.zeros(n));
    LayerNorm norm = new LayerNorm(NEXT_TO_NOTHING);
    ended(conf, r.add("norm", norm, product, r.parameter("g", n), beta), r);
  }

  /** {@code act(x W + b)}. */
  static void linear(FeedForwardLayer conf, boolean biased, Reading r) {
    String weight = weight(conf, r);
    ended(
        conf,
        biased
            ? r.add(
                "linear", new Linear(true), r.plain(0), weight, r.parameter("b", conf.getNOut()))
            : r.add("linear", new Linear(false), r.plain(0), weight),
        r);
  }

  /** The weight as [nOut, nIn]. */
  static String weight(FeedForwardLayer conf, Reading r) {
    return r.add("weight", new Transpose(1, 0), r.parameter("W", conf.getNIn(), conf.getNOut()));
  }

  private static void embedding(EmbeddingLayer conf, Reading r) {
    long n = conf.getNOut();
    String rows = r.add("rows", new Embedding(), r.plain(0), r.parameter("W", conf.getNIn(), n));
    ended(
        conf,
        conf.hasBias()
            ? r.add("biased", new Arithmetic(Arithmetic.Kind.ADD), rows, r.parameter("b", n))
            : rows,
        r);
  }

  private static void multiplied(ElementWiseMultiplicationLayer conf, Reading r) {
    long n = conf.getNOut();
    String scale = r.parameter("W", n);
    ended(conf, r.add("affine", new Affine(), r.plain(0), scale, r.parameter("b", n)), r);
  }

  private static void ended(FeedForwardLayer conf, String rows, Reading r) {
    r.gives(r.activated(new Array(rows, false), conf.getActivationFn()));
  }
}
