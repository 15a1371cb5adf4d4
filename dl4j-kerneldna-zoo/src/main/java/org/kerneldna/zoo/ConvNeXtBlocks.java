package org.kerneldna.zoo;

import java.util.Map;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.kerneldna.zoo.Modules.Descent;

/**
 * The blocks of ConvNeXt (arXiv 2201.03545). KernelDNA (arXiv 2503.23379) pairs blocks up, and the
 * first of a pair derives its pointwise kernels from those of the second.
 */
final class ConvNeXtBlocks {

  private static final int EXPANSION = 4;
  private static final int EXPANDING_GATE_RATIO = 4;
  private static final int PROJECTING_GATE_RATIO = 24;

  private final double layerScale;

  /**
   * @param layerScale where the factors of the blocks' branches start
   */
  ConvNeXtBlocks(double layerScale) {
    this.layerScale = layerScale;
  }

  /** A pointwise convolution of a block's branch: plain, a parent or a child. */
  private interface Pointwise {
    Features apply(String name, Features x, int out);
  }

  /** How all convolutions start: normally distributed with standard deviation 0.02. */
  static IWeightInit weightInit() {
    return new WeightInitDistribution(new NormalDistribution(0, 0.02));
  }

  /** Patches of 4x4; a small stem keeps the size of the images. */
  static Features stem(Modules m, Features x, int channels, boolean small) {
    return m.layerNorm(
        "1", small ? m.conv("0", x, channels, 3, 1) : m.patches("0", x, channels, 4));
  }

  /** Half the resolution, other channels. */
  static Features downsample(Modules m, Features x, int channels) {
    return m.patches("1", m.layerNorm("0", x), channels, 2);
  }

  /** The features, averaged, and their classifier. */
  static Features head(Modules m, Features x, int classes) {
    Features y = m.layerNorm("classifier.0", m.globalAveragePool("avgpool", x));
    return m.linear("classifier.2", y, classes);
  }

  /** Plain blocks. */
  Features stage(Modules stage, Features x, int blocks) {
    for (int i = 0; i < blocks; i++) {
      x = plain(stage.in("" + i), x);
    }
    return x;
  }

  /**
   * A plain block, whose input the downsampling has changed, then pairs: a block with children and
   * the block with their parents.
   */
  Features pairedStage(Modules stage, Features x, int pairs) {
    x = plain(stage.in("0"), x);
    for (int i = 1; i < 2 * pairs; i += 2) {
      x = withChildren(stage, "" + i, "" + (i + 1), x);
      x = withParents(stage.in("" + (i + 1)), x);
    }
    return x;
  }

  private Features plain(Modules m, Features x) {
    return withKernels(m, x, (name, y, out) -> m.conv(name, y, out, 1, 1));
  }

  private Features withParents(Modules m, Features x) {
    return withKernels(m, x, (name, y, out) -> m.parent(name, y, out, 1));
  }

  private Features withKernels(Modules m, Features x, Pointwise pointwise) {
    Features y = block(m, x, pointwise);
    m.listedAsLinear("block.3", x.channels(), EXPANSION * x.channels());
    m.listedAsLinear("block.5", EXPANSION * x.channels(), x.channels());
    return y;
  }

  private Features withChildren(Modules stage, String child, String parent, Features x) {
    Map<String, Descent> descents =
        Map.of(
            "block.3", descent(child, parent + ".block.3", "1", EXPANDING_GATE_RATIO),
            "block.5", descent(child, parent + ".block.5", "3", PROJECTING_GATE_RATIO));
    return block(
        stage.in(child),
        x,
        (name, y, out) -> stage.child(child + "." + name, y, out, 1, descents.get(name)));
  }

  /** Named as in MobileNetV2's clusters. */
  private static Descent descent(String child, String parent, String number, int gateRatio) {
    return new Descent(
        parent, child + ".static_filter_attn" + number, child + ".se" + number, gateRatio);
  }

  private Features block(Modules m, Features x, Pointwise pointwise) {
    Features y = m.layerNorm("block.2", m.depthwiseConv("block.0", x, 7, 1));
    y = m.gelu("block.4", pointwise.apply("block.3", y, EXPANSION * x.channels()));
    y = pointwise.apply("block.5", y, x.channels());
    y = m.layerScale("layer_scale", y, layerScale);
    m.listedAs("layer_scale static_filter_attn1 static_filter_attn3 block se1 se3");
    return m.residual(y, x);
  }
}
