package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Window;

/** 2d convolutions, plain, transposed, depthwise and separable. */
final class ConvolutionReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(ConvolutionLayer.class, ConvolutionReaders::convolution)
        .add(Convolution2D.class, ConvolutionReaders::convolution)
        .add(Deconvolution2D.class, ConvolutionReaders::deconvolution)
        .add(DepthwiseConvolution2D.class, ConvolutionReaders::depthwise)
        .add(SeparableConvolution2D.class, ConvolutionReaders::separable);
  }

  private static void convolution(ConvolutionLayer conf, Reading r) {
    int[] k = conf.getKernelSize();
    String kernel = r.parameter("W", conf.getNOut(), conf.getNIn(), k[0], k[1]);
    ended(conf, r, new Convolution(Windows.of(conf), 1, conf.hasBias()), images(conf, r), kernel);
  }

  private static void deconvolution(Deconvolution2D conf, Reading r) {
    int[] k = conf.getKernelSize();
    String kernel = r.parameter("W", conf.getNIn(), conf.getNOut(), k[0], k[1]);
    Operation op = new Deconvolution(Windows.of(conf), conf.hasBias(), Nonlinearity.IDENTITY);
    ended(conf, r, op, images(conf, r), kernel);
  }

  /** DL4J's kernel is [kH, kW, nIn, multiplier]. */
  private static void depthwise(DepthwiseConvolution2D conf, Reading r) {
    int[] k = conf.getKernelSize();
    long multiplier = conf.getDepthMultiplier();
    String weight = r.parameter("W", k[0], k[1], conf.getNIn(), multiplier);
    String perInput = r.add("perInput", new Transpose(2, 3, 0, 1), weight);
    String kernel =
        r.add("kernel", new Reshape(conf.getNIn() * multiplier, 1, k[0], k[1]), perInput);
    Operation op = new Convolution(Windows.of(conf), conf.getNIn(), conf.hasBias());
    ended(conf, r, op, images(conf, r), kernel);
  }

  /** DL4J's depthwise kernel is [multiplier, nIn, kH, kW]. */
  private static void separable(SeparableConvolution2D conf, Reading r) {
    int[] k = conf.getKernelSize();
    long multiplier = conf.getDepthMultiplier();
    long channels = conf.getNIn() * multiplier;
    String weight = r.parameter("W", multiplier, conf.getNIn(), k[0], k[1]);
    String perInput = r.add("perInput", new Transpose(1, 0, 2, 3), weight);
    String kernel = r.add("kernel", new Reshape(channels, 1, k[0], k[1]), perInput);
    String point = r.parameter("pW", conf.getNOut(), channels, 1, 1);
    String depthwise =
        r.add(
            "depthwise",
            new Convolution(Windows.of(conf), conf.getNIn(), false),
            images(conf, r),
            kernel);
    ended(conf, r, new Convolution(pointwise(), 1, conf.hasBias()), depthwise, point);
  }

  /** A window of one position. */
  static Window pointwise() {
    int[] one = {1, 1};
    return Windows.of(ConvolutionMode.Truncate, one, one, one, 0, 0);
  }

  private static String images(ConvolutionLayer conf, Reading r) {
    return r.images(0, conf.getCnn2dDataFormat());
  }

  /** Adds the operation, with a bias if the layer has one, and the activation function. */
  private static void ended(
      ConvolutionLayer conf, Reading r, Operation op, String images, String kernel) {
    CNN2DFormat format = conf.getCnn2dDataFormat();
    String out =
        conf.hasBias()
            ? r.add("conv", op, images, kernel, r.parameter("b", conf.getNOut()))
            : r.add("conv", op, images, kernel);
    r.gives(r.activated(out, format, conf.getActivationFn()), format);
  }
}
