package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.LocalResponseNorm;
import org.nd4j.linalg.factory.Nd4j;

/** Normalisations that are layers. */
final class NormalizationReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(BatchNormalization.class, NormalizationReaders::batchNorm)
        .add(LocalResponseNormalization.class, NormalizationReaders::localResponse);
  }

  private static void batchNorm(BatchNormalization conf, Reading r) {
    boolean locked = conf.isLockGammaBeta();
    if (locked && (conf.getGamma() != 1 || conf.getBeta() != 0)) {
      r.leave("whether DL4J applies a locked gamma or beta depends on its helpers");
      return;
    }
    long n = conf.getNOut();
    String x = r.images(0, conf.getCnn2DFormat());
    String gamma = locked ? r.constant("gamma", Nd4j.ones(n)) : r.parameter("gamma", n);
    String beta = locked ? r.constant("beta", Nd4j.zeros(n)) : r.parameter("beta", n);
    String mean = r.statistic("mean", n);
    String variance =
        conf.isUseLogStd()
            ? r.then(
                r.statistic("log10stdev", n),
                Nonlinearity.linear(2 * Math.log(10), 0),
                Nonlinearity.of(Nonlinearity.Function.EXP))
            : r.statistic("var", n);
    BatchNorm norm = new BatchNorm(conf.getEps(), r.frozen());
    r.gives(r.add("norm", norm, x, gamma, beta, mean, variance), conf.getCnn2DFormat());
  }

  /** Over half of n channels on each side. */
  private static void localResponse(LocalResponseNormalization conf, Reading r) {
    long depth = 2 * ((long) conf.getN() / 2) + 1;
    LocalResponseNorm norm =
        new LocalResponseNorm(depth, conf.getK(), conf.getAlpha(), conf.getBeta());
    r.gives(r.add("norm", norm, r.images(0, conf.getDataFormat())), conf.getDataFormat());
  }
}
