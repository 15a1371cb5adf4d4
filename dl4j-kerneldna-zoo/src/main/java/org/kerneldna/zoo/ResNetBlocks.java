package org.kerneldna.zoo;

import org.kerneldna.zoo.Modules.Descent;
import org.nd4j.linalg.activations.Activation;

/**
 * The blocks of residual networks (arXiv 1512.03385), and the clusters of blocks that KernelDNA
 * (arXiv 2503.23379) puts in the place of whole stages. A block is {@code relu(f(x) +
 * shortcut(x))}, where {@code f} is a chain of convolutions, each normalised, with a ReLU in
 * between. In a cluster some of them are children, which have a gate before them instead of a
 * kernel of their own.
 */
final class ResNetBlocks {

  /** A bottleneck's output has so many times the channels of its inside. */
  private static final int EXPANSION = 4;

  private static final int GATE_RATIO = 4;

  private static final Part IDENTITY = (x, rectified) -> x;

  private ResNetBlocks() {}

  /** A convolution with its normalisation, or a shortcut. */
  private interface Part {

    /**
     * @param rectified whether a ReLU follows
     */
    Features apply(Features x, boolean rectified);
  }

  /** The first convolution and pooling; a small stem keeps the size of the images. */
  static Features stem(Modules m, Features x, int channels, boolean small) {
    x = small ? m.conv("conv1", x, channels, 3, 1) : m.conv("conv1", x, channels, 7, 2);
    x = m.batchNorm("bn1", x, Activation.RELU);
    return small ? x : m.maxPool("maxpool", x, 3, 2);
  }

  /** Two basic blocks. */
  static Features basicStage(Modules m, Features x, int channels, int stride) {
    x = basicBlock(m.in("0"), x, channels, stride);
    return basicBlock(m.in("1"), x, channels, 1);
  }

  private static Features basicBlock(Modules m, Features x, int channels, int stride) {
    Part downsample = downsample(m, ".0", ".1", channels, stride);
    Part conv1 = conv(m, "conv1", "bn1", channels, 3, stride);
    Part conv2 = conv(m, "conv2", "bn2", channels, 3, 1);
    return block(m, x, downsample, conv1, conv2);
  }

  /** Three basic blocks; two of them have a parent, and all have a child. */
  static Features basicCluster(Modules m, Features x, int channels, int stride) {
    Part conv1 = conv(m, "conv1", "bn1", channels, 3, stride);
    Part conv2 = parent(m, "conv2", "bn2", channels);
    Part conv3 = parent(m, "conv3", "bn3", channels);
    Part downsample = downsample(m, ".0", ".1", channels, stride);

    x = block(m.in("block0"), x, downsample, conv1, basicChild(m, 0, "conv2", channels));
    x = block(m.in("block1"), x, IDENTITY, basicChild(m, 1, "conv2", channels), conv2);
    x = block(m.in("block2"), x, IDENTITY, basicChild(m, 2, "conv3", channels), conv3);

    m.listedAs(
        "static_spatial_attn static_filter_attn conv1 bn1 downsample se bns conv2 bn2 conv3 bn3");
    return x;
  }

  private static Part basicChild(Modules m, int i, String parent, int channels) {
    Descent descent = new Descent(parent, "static_filter_attn", "se." + i, GATE_RATIO);
    return (x, rectified) ->
        normalised(m, "bns." + i, m.child("convs." + i, x, channels, 3, descent), rectified);
  }

  /** Bottlenecks. */
  static Features bottleneckStage(Modules m, Features x, int channels, int stride, int blocks) {
    x = plainBottleneck(m.in("0"), x, channels, stride);
    for (int i = 1; i < blocks; i++) {
      x = plainBottleneck(m.in("" + i), x, channels, 1);
    }
    return x;
  }

  private static Features plainBottleneck(Modules m, Features x, int channels, int stride) {
    Part downsample = downsample(m, ".0", ".1", EXPANSION * channels, stride);
    Part conv2 = conv(m, "conv2", "bn2", channels, 3, stride);
    return bottleneck(m, m, x, channels, downsample, conv2);
  }

  /** Bottlenecks in pairs: one with a child, then one with its parent. */
  static Features bottleneckPairs(Modules m, Features x, int channels, int pairs) {
    x = firstOfCluster(m.in("block0"), x, channels);
    for (int i = 0; i < pairs; i++) {
      x = withChild(m, "kids." + i, x, channels, "parents." + i, "static_filter_attn");
      x = withParent(m.in("parents." + i), x, channels);
    }
    m.listedAs("static_filter_attn static_spatial_attn block0 parents kids");
    return x;
  }

  /** Bottlenecks with a child each, then one with the parent of all. */
  static Features bottleneckFamily(Modules m, Features x, int channels, int children) {
    x = firstOfCluster(m.in("block0"), x, channels);
    for (int i = 0; i < children; i++) {
      x = withChild(m, "blocks." + i, x, channels, "last_block", "static_filter_attn2");
    }
    x = withParent(m.in("last_block"), x, channels);
    m.listedAs("static_filter_attn2 static_spatial_attn block0 blocks last_block");
    return x;
  }

  private static Features firstOfCluster(Modules m, Features x, int channels) {
    Modules layers = m.in("layers");
    Part downsample = downsample(m, ".conv", ".bn", EXPANSION * channels, 2);
    Part conv2 = conv(layers, "conv2", "bn2", channels, 3, 2);
    x = bottleneck(m, layers, x, channels, downsample, conv2);
    m.listedAs("downsample layers");
    return x;
  }

  private static Features withParent(Modules m, Features x, int channels) {
    Modules layers = m.in("layers");
    Part conv2 = parent(layers, "conv2", "bn2", channels);
    return bottleneck(m, layers, x, channels, IDENTITY, conv2);
  }

  private static Features withChild(
      Modules cluster, String name, Features x, int channels, String parent, String filter) {
    Modules m = cluster.in(name);
    Descent descent = new Descent(parent + ".layers.conv2", filter, name + ".half1.se", GATE_RATIO);
    Part conv1 = conv(m, "half1.conv1", "half1.bn1", channels, 1, 1);
    Part conv2 =
        (y, rectified) ->
            normalised(
                m, "half2.bn2", cluster.child(name + ".conv2", y, channels, 3, descent), rectified);
    Part conv3 = conv(m, "half2.conv3", "half2.bn3", EXPANSION * channels, 1, 1);
    return block(m, x, IDENTITY, conv1, conv2, conv3);
  }

  private static Features bottleneck(
      Modules m, Modules layers, Features x, int channels, Part shortcut, Part conv2) {
    Part conv1 = conv(layers, "conv1", "bn1", channels, 1, 1);
    Part conv3 = conv(layers, "conv3", "bn3", EXPANSION * channels, 1, 1);
    return block(m, x, shortcut, conv1, conv2, conv3);
  }

  private static Features block(Modules m, Features x, Part shortcut, Part... parts) {
    Features y = x;
    for (Part part : parts) {
      y = part.apply(y, part != parts[parts.length - 1]);
    }
    return m.relu("relu", m.residual(y, shortcut.apply(x, false)));
  }

  private static Features normalised(Modules m, String name, Features x, boolean rectified) {
    return rectified ? m.batchNorm(name, x, Activation.RELU) : m.batchNorm(name, x);
  }

  private static Part conv(
      Modules m, String conv, String norm, int channels, int kernel, int stride) {
    return (x, rectified) ->
        normalised(m, norm, m.conv(conv, x, channels, kernel, stride), rectified);
  }

  private static Part parent(Modules m, String conv, String norm, int channels) {
    return (x, rectified) -> normalised(m, norm, m.parent(conv, x, channels, 3), rectified);
  }

  /** The identity where the shape stays; else a 1x1 convolution, normalised. */
  private static Part downsample(Modules m, String conv, String norm, int channels, int stride) {
    Part projection = conv(m, "downsample" + conv, "downsample" + norm, channels, 1, stride);
    return (x, rectified) ->
        stride == 1 && x.channels() == channels ? x : projection.apply(x, rectified);
  }
}
