package org.kerneldna.zoo;

import org.kerneldna.zoo.Modules.Descent;
import org.nd4j.linalg.activations.Activation;

/**
 * The inverted residual block of MobileNetV2 (arXiv 1801.04381), and the cluster of them that
 * KernelDNA (arXiv 2503.23379) makes by sharing the pointwise kernels of the last.
 */
final class MobileNetV2Blocks {

  private static final int EXPANSION = 6;
  private static final int EXPANDING_GATE_RATIO = 4;
  private static final int PROJECTING_GATE_RATIO = 24;

  /** A narrow network keeps as many features before its classifier. */
  private static final int FEWEST_FEATURES = 1280;

  private MobileNetV2Blocks() {}

  /** A pointwise convolution, plain or a parent. */
  private interface Pointwise {
    Features apply(Modules m, String name, Features x, int out);
  }

  /** The first convolution; a small stem keeps the size of the images. */
  static Features stem(Modules features, Features x, int channels, boolean small) {
    return normalisedRelu6(features.in("0"), "0", "1", x, channels, 3, small ? 1 : 2);
  }

  /** The last features, averaged, and their classifier. */
  static Features head(Modules m, Features x, int channels, double dropout, int classes) {
    int last = Math.max(FEWEST_FEATURES, channels);
    Features y = normalisedRelu6(m.in("features.18"), "0", "1", x, last, 1, 1);
    y = m.dropout("classifier.0", m.globalAveragePool("avgpool", y), dropout);
    return m.linear("classifier.1", y, classes);
  }

  /** Inverted residuals {@code first}, {@code first + 1}, ...; the first has the stride. */
  static Features stage(
      Modules features, int first, Features x, int channels, int stride, int blocks) {
    for (int i = 0; i < blocks; i++) {
      x = invertedResidual(features.in("" + (first + i)), x, channels, i == 0 ? stride : 1);
    }
    return x;
  }

  private static Features invertedResidual(Modules m, Features x, int channels, int stride) {
    Features y = normalisedRelu6(m, "conv.0.0", "conv.0.1", x, EXPANSION * x.channels(), 1, 1);
    y = m.batchNorm("conv.1.1", m.depthwiseConv("conv.1.0", y, 3, stride), Activation.RELU6);
    y = m.batchNorm("conv.3", m.conv("conv.2", y, channels, 1, 1));
    return stride == 1 && channels == x.channels() ? m.residual(y, x) : y;
  }

  /** The first inverted residual, as wide inside as its input. */
  static Features unexpanded(Modules m, Features x, int channels) {
    Features y = m.batchNorm("conv.0.1", m.depthwiseConv("conv.0.0", x, 3, 1), Activation.RELU6);
    y = m.batchNorm("conv.2", m.conv("conv.1", y, channels, 1, 1));
    return channels == x.channels() ? m.residual(y, x) : y;
  }

  private static Features normalisedRelu6(
      Modules m, String conv, String norm, Features x, int channels, int kernel, int stride) {
    return m.batchNorm(norm, m.conv(conv, x, channels, kernel, stride), Activation.RELU6);
  }

  /** A transition to another number of channels, then blocks with children, then their parents. */
  static Features cluster(Modules m, Features x, int channels, int stride, int children) {
    x =
        layers(
            m.in("transition.layers"), x, channels, stride, (l, n, y, o) -> l.conv(n, y, o, 1, 1));
    for (int i = 0; i < children; i++) {
      x = withChildren(m, "blocks." + i, x);
    }
    Features y =
        layers(m.in("last_block.layers"), x, channels, 1, (l, n, z, o) -> l.parent(n, z, o, 1));
    m.listedAs("static_filter_attn1 static_filter_attn3 transition blocks last_block");
    return m.in("last_block").residual(y, x);
  }

  private static Features layers(Modules m, Features x, int out, int stride, Pointwise pointwise) {
    Features y = pointwise.apply(m, "pw1", x, EXPANSION * x.channels());
    y = m.batchNorm("bn1", y, Activation.RELU6);
    y = m.depthwiseConv("dw", y, 3, stride);
    y = m.batchNorm("bn2", y, Activation.RELU6);
    return m.batchNorm("bn3", pointwise.apply(m, "pw2", y, out));
  }

  private static Features withChildren(Modules cluster, String name, Features x) {
    Modules m = cluster.in(name);
    Descent expanding =
        new Descent(
            "last_block.layers.pw1", "static_filter_attn1", name + ".se1", EXPANDING_GATE_RATIO);
    Descent projecting =
        new Descent(
            "last_block.layers.pw2", "static_filter_attn3", name + ".se3", PROJECTING_GATE_RATIO);

    Features y = cluster.child(name + ".pw1", x, EXPANSION * x.channels(), 1, expanding);
    y = m.batchNorm("bn1", y, Activation.RELU6);
    y = m.depthwiseConv("dwconv", y, 3, 1);
    y = m.batchNorm("bn2", y, Activation.RELU6);
    y = m.batchNorm("bn3", cluster.child(name + ".pw2", y, x.channels(), 1, projecting));
    m.listedAs("dwconv bn1 bn2 bn3 se1 se3");
    return m.residual(y, x);
  }
}
