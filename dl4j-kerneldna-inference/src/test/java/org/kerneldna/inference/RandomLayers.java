package org.kerneldna.inference;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import lombok.NoArgsConstructor;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BaseConvBuilder;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.ChannelLayerNorm;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.DropPath;
import org.kerneldna.layers.Gelu;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.Relu;
import org.kerneldna.layers.SqueezeExcitation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers at random, with options that their input allows; nIn and layout are left open. */
@RequiredArgsConstructor
final class RandomLayers {

  /** A layer that no library knows. */
  @NoArgsConstructor
  static final class Unknown extends ActivationLayer {
    Unknown(Activation activation) {
      super(activation);
    }
  }

  private static final List<IActivation> FUNCTIONS =
      Stream.concat(
              Stream.of(Activation.values()).map(Activation::getActivationFunction),
              Stream.of(
                  new Gelu(),
                  new ActivationLReLU(0.3),
                  new ActivationELU(0.5),
                  new ActivationReLU(1.0, 0.0, 0.1)))
          .toList();

  private final Random random;

  Layer ofImages(InputTypeConvolutional x) {
    int channels = (int) x.getChannels();
    return switch (random.nextInt(26)) {
      case 0, 1 -> convolution(x);
      case 2 -> ended(options(new Convolution.Builder(), x)).build();
      case 3 -> ended(gated(options(new KernelDNAConvolution.Builder(), x), x)).build();
      case 4 -> ended(options(new DepthwiseConvolution.Builder(), x)).nOut(channels).build();
      case 5 -> depthwise(x);
      case 6 -> separable(x);
      case 7 -> deconvolution(x);
      case 8, 9, 10 -> pool(x);
      case 11 -> new Upsampling2D.Builder().size(new int[] {oneOf(1, 2), oneOf(2, 3)}).build();
      case 12 -> new ZeroPaddingLayer.Builder(oneOf(0, 1), oneOf(0, 2), oneOf(0, 1, 3), 0).build();
      case 13 -> cropping(x);
      case 14 -> new BatchNormalization.Builder().useLogStd(random.nextBoolean()).build();
      case 15 -> new BatchNormalization.Builder(true).gamma(1.5).beta(0.3).build();
      case 16 -> localResponse(channels);
      case 17 -> new BatchNorm.Builder().build();
      case 18 -> new ChannelLayerNorm.Builder().build();
      case 19 -> new SqueezeExcitation.Builder().ratio(Math.min(channels, oneOf(1, 2, 4))).build();
      case 20 -> spaceToDepth(x);
      case 21 -> prelu(x);
      case 22 -> new CnnLossLayer.Builder(LossFunction.MSE).activation(function()).build();
      default -> anywhere();
    };
  }

  Layer ofRows(int channels) {
    return switch (random.nextInt(11)) {
      case 0, 1 -> dense(channels());
      case 2 -> new DenseLayer.Builder().nOut(channels()).hasLayerNorm(true).build();
      case 3 ->
          new OutputLayer.Builder(LossFunction.MSE)
              .nOut(1 + channels())
              .activation(function())
              .build();
      case 4 -> new BatchNormalization.Builder().build();
      case 5 -> new BatchNorm.Builder().build();
      case 6 -> new ChannelLayerNorm.Builder().build();
      case 7 ->
          new ElementWiseMultiplicationLayer.Builder()
              .nOut(channels)
              .activation(function())
              .build();
      case 8 -> loss(channels);
      default -> anywhere();
    };
  }

  /** DL4J infers its channels only if it has them already. */
  private Layer loss(int channels) {
    LossLayer loss = new LossLayer.Builder(LossFunction.MSE).activation(function()).build();
    loss.setNIn(channels);
    loss.setNOut(channels);
    return loss;
  }

  /** For images and rows. */
  private Layer anywhere() {
    return switch (random.nextInt(7)) {
      case 0 -> new DropoutLayer(0.5);
      case 1 -> new DropPath.Builder(0.2).build();
      case 2 -> new Relu(oneOf(Activation.RELU, Activation.RELU6));
      case 3 -> new LayerScale.Builder().build();
      case 4 ->
          random.nextInt(3) == 0 ? new Unknown(Activation.TANH) : new ActivationLayer(function());
      default -> new ActivationLayer(function());
    };
  }

  ConvolutionLayer convolution(InputTypeConvolutional x) {
    return ended(options(new ConvolutionLayer.Builder(), x)).build();
  }

  /** A convolution that keeps the size. */
  Layer pointwise(int channels) {
    return ended(new ConvolutionLayer.Builder(1, 1)).nOut(channels).build();
  }

  Layer threeByThree(int channels) {
    return ended(new ConvolutionLayer.Builder(3, 3).padding(1, 1)).nOut(channels).build();
  }

  Layer dense(int channels) {
    return new DenseLayer.Builder()
        .nOut(channels)
        .hasBias(random.nextBoolean())
        .activation(function())
        .build();
  }

  ConvolutionLayer parent(InputTypeConvolutional x, int nOut) {
    ConvolutionLayer parent =
        random.nextBoolean()
            ? ended(options(new Convolution.Builder(), x)).nOut(nOut).build()
            : ended(options(new ConvolutionLayer.Builder(), x)).nOut(nOut).build();
    parent.setNIn(x, true);
    return parent;
  }

  /** A child of {@code parent}, whose kernel may be larger than the image without padding. */
  KernelDNAConvolution child(InputTypeConvolutional x, ConvolutionLayer parent) {
    KernelDNAConvolution child =
        ended(gated(new KernelDNAConvolution.Builder(parent.getKernelSize()), x))
            .nOut(parent.getNOut())
            .stride(oneOf(1, 2), 1)
            .dilation(1, oneOf(1, 2))
            .convolutionMode(ConvolutionMode.Same)
            .build();
    child.setNIn(x, true);
    return child;
  }

  private KernelDNAConvolution.Builder gated(
      KernelDNAConvolution.Builder builder, InputTypeConvolutional x) {
    int ratio = (int) Math.min(x.getChannels(), oneOf(1, 2, 4));
    return (random.nextBoolean() ? builder.gate(ratio) : builder.noGate())
        .spatialModulation(random.nextBoolean())
        .filterModulation(random.nextBoolean());
  }

  private Layer depthwise(InputTypeConvolutional x) {
    int multiplier = oneOf(1, 1, 2);
    // DL4J cannot spread its kernel everywhere.
    return ended(options(new DepthwiseConvolution2D.Builder().depthMultiplier(multiplier), x))
        .dilation(1, 1)
        .nOut(x.getChannels() * multiplier)
        .build();
  }

  private Layer separable(InputTypeConvolutional x) {
    // DL4J cannot separate a single channel.
    return x.getChannels() == 1
        ? depthwise(x)
        : ended(options(new SeparableConvolution2D.Builder().depthMultiplier(oneOf(1, 2)), x))
            .dilation(1, 1)
            .build();
  }

  private Layer deconvolution(InputTypeConvolutional x) {
    int kernel = oneOf(1, 2, 3, 4);
    Deconvolution2D.Builder builder =
        ended(new Deconvolution2D.Builder(kernel, oneOf(2, 3)).stride(oneOf(1, 2), oneOf(1, 2, 3)));
    return builder
        .convolutionMode(oneOf(ConvolutionMode.Same, ConvolutionMode.Truncate))
        .nOut(channels())
        .build();
  }

  private Layer pool(InputTypeConvolutional x) {
    boolean same = random.nextInt(3) == 0;
    int[][] window = window(x, same, true);
    SubsamplingLayer.Builder builder =
        new SubsamplingLayer.Builder()
            .poolingType(oneOf(PoolingType.MAX, PoolingType.AVG, PoolingType.PNORM))
            .kernelSize(window[0])
            .stride(window[1])
            .pnorm(2);
    return same
        ? builder.convolutionMode(ConvolutionMode.Same).build()
        : builder.convolutionMode(ConvolutionMode.Truncate).padding(window[3]).build();
  }

  private Layer cropping(InputTypeConvolutional x) {
    int top = random.nextInt((int) x.getHeight());
    int left = random.nextInt((int) x.getWidth());
    return new Cropping2D.Builder(
            top,
            random.nextInt((int) x.getHeight() - top),
            left,
            random.nextInt((int) x.getWidth() - left))
        .build();
  }

  private Layer spaceToDepth(InputTypeConvolutional x) {
    boolean even = x.getHeight() % 2 == 0 && x.getWidth() % 2 == 0;
    return new SpaceToDepthLayer.Builder(even ? 2 : 1).build();
  }

  private Layer localResponse(int channels) {
    // DL4J cannot look further than the channels.
    int neighbours = channels < 2 ? 1 : channels < 3 ? 3 : 5;
    return new LocalResponseNormalization.Builder(1, neighbours, 0.3, 0.75).build();
  }

  private Layer prelu(InputTypeConvolutional x) {
    boolean first = x.getFormat() == CNN2DFormat.NCHW;
    return new PReLULayer.Builder()
        .inputShape(x.getShape(false))
        .sharedAxes(first ? new long[] {2, 3} : new long[] {1, 2})
        .build();
  }

  /** Geometry, and channels. */
  private <B extends BaseConvBuilder<B>> B options(B builder, InputTypeConvolutional x) {
    boolean same = random.nextInt(3) == 0;
    int[][] window = window(x, same, false);
    builder.kernelSize(window[0]).stride(window[1]).dilation(window[2]).nOut(channels());
    return same
        ? builder.convolutionMode(ConvolutionMode.Same)
        : builder.convolutionMode(ConvolutionMode.Truncate).padding(window[3]);
  }

  private <B extends BaseConvBuilder<B>> B ended(B builder) {
    return builder.hasBias(random.nextBoolean()).activation(function());
  }

  /** Kernel, stride, dilation and padding, by height and width, for a kernel that fits. */
  private int[][] window(InputTypeConvolutional x, boolean same, boolean pools) {
    int[][] window = new int[4][2];
    for (int d = 0; d < 2; d++) {
      int size = (int) (d == 0 ? x.getHeight() : x.getWidth());
      int dilation = pools ? 1 : oneOf(1, 1, 2);
      int padding = same ? 0 : pools ? oneOf(0, 1) : oneOf(0, 0, 1, 2);
      int kernel = oneOf(1, 2, 3, 3, 5, size);
      while (!same && (kernel - 1) * dilation + 1 > size + 2 * padding) {
        kernel--;
      }
      window[0][d] = kernel;
      // DL4J finds no padding for much larger strides.
      window[1][d] = Math.min(oneOf(1, 1, 2, 3), same ? kernel + 1 : 3);
      window[2][d] = dilation;
      window[3][d] = pools ? Math.min(padding, kernel - 1) : padding;
    }
    return window;
  }

  PoolingType pooling() {
    return oneOf(
        PoolingType.MAX, PoolingType.AVG, PoolingType.AVG, PoolingType.SUM, PoolingType.PNORM);
  }

  ElementWiseVertex.Op elementwise() {
    return oneOf(ElementWiseVertex.Op.values());
  }

  /** Half of them the usual ones. */
  private IActivation function() {
    Activation usual =
        oneOf(Activation.IDENTITY, Activation.RELU, Activation.RELU6, Activation.TANH);
    return random.nextBoolean()
        ? usual.getActivationFunction()
        : FUNCTIONS.get(random.nextInt(FUNCTIONS.size()));
  }

  CNN2DFormat format() {
    return oneOf(CNN2DFormat.values());
  }

  int size() {
    return oneOf(1, 2, 4, 5, 6, 7, 8, 9);
  }

  int channels() {
    return oneOf(1, 2, 3, 5, 8, 16, 16, 32);
  }

  @SafeVarargs
  private <T> T oneOf(T... all) {
    return all[random.nextInt(all.length)];
  }
}
