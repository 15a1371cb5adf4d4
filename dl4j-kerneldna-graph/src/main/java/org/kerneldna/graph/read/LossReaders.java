package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.Transpose;
import org.nd4j.linalg.activations.IActivation;

/** Output and loss layers, which at inference compute what precedes the loss. */
final class LossReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(OutputLayer.class, (conf, r) -> DenseReaders.linear(conf, conf.hasBias(), r))
        .add(CenterLossOutputLayer.class, (conf, r) -> DenseReaders.linear(conf, conf.hasBias(), r))
        .add(LossLayer.class, (conf, r) -> r.gives(r.activated(r.array(0), conf.getActivationFn())))
        .add(CnnLossLayer.class, LossReaders::ofImages)
        .add(RnnLossLayer.class, LossReaders::ofSeries)
        .add(RnnOutputLayer.class, LossReaders::ofLinearSeries)
        .add(Yolo2OutputLayer.class, LossReaders::yolo);
  }

  /** DL4J lays the channels of each position in a row of their own. */
  private static void ofImages(CnnLossLayer conf, Reading r) {
    String images = r.images(0, conf.getFormat());
    IActivation act = conf.getActivationFn();
    r.gives(r.activated(images, CNN2DFormat.NHWC, act), conf.getFormat());
  }

  private static void ofSeries(RnnLossLayer conf, Reading r) {
    String images = asImages(conf.getRnnDataFormat(), r);
    gives(
        r.activated(images, CNN2DFormat.NHWC, conf.getActivationFn()), conf.getRnnDataFormat(), r);
  }

  /** A linear layer on each step of a series is a convolution with a kernel of one position. */
  private static void ofLinearSeries(RnnOutputLayer conf, Reading r) {
    String images = asImages(conf.getRnnDataFormat(), r);
    Reshape asKernel = new Reshape(conf.getNOut(), conf.getNIn(), 1, 1);
    String kernel = r.add("kernel", asKernel, DenseReaders.weight(conf, r));
    Convolution linear = new Convolution(ConvolutionReaders.pointwise(), 1, true);
    String out = r.add("linear", linear, images, kernel, r.parameter("b", conf.getNOut()));
    gives(r.activated(out, CNN2DFormat.NHWC, conf.getActivationFn()), conf.getRnnDataFormat(), r);
  }

  /** Series as images of one column. */
  private static String asImages(RNNFormat format, Reading r) {
    String series = r.plain(0);
    if (format == RNNFormat.NWC) {
      series = r.add("ncw", new Transpose(0, 2, 1), series);
    }
    return r.add("images", new Reshape(0, 0, -1, 1), series);
  }

  private static void gives(String images, RNNFormat format, Reading r) {
    String series = r.add("series", new Reshape(0, 0, -1), images);
    r.gives(format == RNNFormat.NWC ? r.add("nwc", new Transpose(0, 2, 1), series) : series);
  }

  /**
   * For each of B boxes, 5 + C channels: x and y of the centre, width and height, confidence, and C
   * classes.
   */
  private static void yolo(Yolo2OutputLayer conf, Reading r) {
    boolean channelsLast = conf.getFormat() == CNN2DFormat.NHWC;
    String last =
        channelsLast
            ? r.plain(0)
            : r.add("last", Transpose.TO_CHANNELS_LAST, r.images(0, conf.getFormat()));
    String priors = r.constant("priors", conf.getBoundingBoxes());
    Reshape byBox = new Reshape(0, 0, 0, conf.getBoundingBoxes().size(0), -1);
    String boxes = r.add("boxes", byBox, last);
    String centre = r.then(part(r, boxes, 0, 2), Nonlinearity.SIGMOID);
    String growth = r.then(part(r, boxes, 2, 4), Nonlinearity.of(Nonlinearity.Function.EXP));
    String size = r.add("size", new Arithmetic(Arithmetic.Kind.MULTIPLY), growth, priors);
    String confidence = r.then(part(r, boxes, 4, 5), Nonlinearity.SIGMOID);
    String classes = r.add("classes", new Softmax(-1), part(r, boxes, 5, Slice.END));
    String joined = r.add("joined", new Concat(4), centre, size, confidence, classes);
    String out = r.add("flat", new Reshape(0, 0, 0, -1), joined);
    r.gives(channelsLast ? out : r.add("out", Transpose.TO_CHANNELS_FIRST, out));
  }

  private static String part(Reading r, String boxes, long from, long to) {
    return r.add("part", new Slice(4, from, to), boxes);
  }
}
