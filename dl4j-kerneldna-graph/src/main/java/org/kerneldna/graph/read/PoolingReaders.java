package org.kerneldna.graph.read;

import static org.kerneldna.graph.Nonlinearity.power;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Window;

/** Pooling over windows and over all of an image or a time series. */
final class PoolingReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(SubsamplingLayer.class, PoolingReaders::windows)
        .add(Pooling2D.class, PoolingReaders::windows)
        .add(GlobalPoolingLayer.class, PoolingReaders::global);
  }

  private static void windows(SubsamplingLayer conf, Reading r) {
    CNN2DFormat format = conf.getCnn2dDataFormat();
    Window window =
        Windows.of(
            conf.getConvolutionMode(),
            conf.getKernelSize(),
            conf.getStride(),
            conf.getDilation(),
            conf.getPadding());
    boolean dilated = Arrays.stream(window.dilation()).anyMatch(step -> step != 1);
    if (dilated && conf.getPoolingType() != PoolingType.PNORM) {
      r.leave("whether DL4J dilates the windows of a pooling depends on its backend");
      return;
    }
    String x = r.images(0, format);
    switch (conf.getPoolingType()) {
      case MAX -> r.gives(r.add("pool", new Pool(Pool.Kind.MAXIMUM, window, false), x), format);
      case AVG -> {
        boolean countsPadding = conf.isAvgPoolIncludePadInDivisor();
        r.gives(r.add("pool", new Pool(Pool.Kind.MEAN, window, countsPadding), x), format);
      }
      case PNORM -> {
        double p = conf.getPnorm();
        double positions = window.kernel()[0] * window.kernel()[1];
        Pool mean = new Pool(Pool.Kind.MEAN, window, true);
        String means = r.add("pool", mean, r.then(x, Nonlinearity.ABS, power(1, p)));
        r.gives(r.then(means, power(Math.pow(positions, 1 / p), 1 / p)), format);
      }
      default -> r.leave("pooling " + conf.getPoolingType());
    }
  }

  /**
   * DL4J's dimensions are 2 and on unless it knows better, and without them collapsed it takes
   * dimension 1 for the channels.
   */
  private static void global(GlobalPoolingLayer conf, Reading r) {
    Array x = r.array(0);
    int[] axes = conf.getPoolingDimensions();
    if (axes == null) {
      axes = new int[] {2, 3};
      x = new Array(r.plain(0), false);
      if (r.rank(x) != 4) {
        axes = new int[] {2};
        x = new Array(r.add("flat", new Reshape(0, 0, -1), x.value()), false);
      }
    } else if (!x.channelsLast() || !Arrays.equals(axes, new int[] {1, 2})) {
      x = new Array(r.plain(0), false);
    }
    String pooled = pooled(conf, x, Arrays.stream(axes).map(x::axis).sorted().toArray(), r);
    if (conf.isCollapseDimensions()) {
      r.gives(pooled);
    } else if (axes[0] != 2) {
      r.leave("the dimensions that DL4J keeps are not those that it pools");
    } else if (r.rank(r.array(0)) == 4 || axes.length == 2) {
      r.gives(r.add("kept", new Reshape(0, 0, 1, 1), pooled));
    } else {
      r.leave("how many dimensions there are is not known");
    }
  }

  private static String pooled(GlobalPoolingLayer conf, Array x, int[] axes, Reading r) {
    return switch (conf.getPoolingType()) {
      case MAX -> r.add("pool", new Reduce(Reduce.Kind.MAXIMUM, false, axes), x.value());
      case AVG -> r.add("pool", new Reduce(Reduce.Kind.MEAN, false, axes), x.value());
      case SUM -> r.add("pool", new Reduce(Reduce.Kind.SUM, false, axes), x.value());
      case PNORM -> {
        double p = conf.getPnorm();
        String powers = r.then(x.value(), Nonlinearity.ABS, power(1, p));
        String sum = r.add("pool", new Reduce(Reduce.Kind.SUM, false, axes), powers);
        yield r.then(sum, power(1, 1 / p));
      }
    };
  }
}
