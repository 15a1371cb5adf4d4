package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.Transpose;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** Readers of DL4J's own layers, vertices, preprocessors and activation functions. */
final class StockReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(ConvolutionLayer.class, StockReaders::convolution)
        .add(Convolution2D.class, StockReaders::convolution)
        .add(DenseLayer.class, StockReaders::dense)
        .add(OutputLayer.class, (conf, r) -> linear(conf, conf.hasBias(), r))
        .add(LossLayer.class, (conf, r) -> r.gives(r.activated(r.array(0), conf.getActivationFn())))
        .add(
            ActivationLayer.class,
            (conf, r) -> r.gives(r.activated(r.array(0), conf.getActivationFn())))
        .add(DropoutLayer.class, (conf, r) -> same(new Dropout(1, false), r))
        .add(ElementWiseVertex.class, StockReaders::elementwise)
        .add(CnnToFeedForwardPreProcessor.class, (conf, r) -> flattened(r))
        .add(ActivationIdentity.class, (conf, r) -> r.gives(r.array(0)))
        .add(ActivationReLU.class, StockReaders::relu)
        .add(ActivationTanH.class, (conf, r) -> activate(Nonlinearity.TANH, r))
        .add(ActivationSoftmax.class, StockReaders::softmax);
  }

  private static void convolution(ConvolutionLayer conf, Reading r) {
    CNN2DFormat format = conf.getCnn2dDataFormat();
    int[] k = conf.getKernelSize();
    String x = r.images(0, format);
    String kernel = r.parameter("W", conf.getNOut(), conf.getNIn(), k[0], k[1]);
    Convolution convolution = new Convolution(Windows.of(conf), 1, conf.hasBias());
    String out =
        conf.hasBias()
            ? r.add("conv", convolution, x, kernel, r.parameter("b", conf.getNOut()))
            : r.add("conv", convolution, x, kernel);
    r.gives(r.activated(out, format, conf.getActivationFn()), format);
  }

  private static void dense(DenseLayer conf, Reading r) {
    if (conf.hasLayerNorm()) {
      r.leave("layer normalisation");
      return;
    }
    linear(conf, conf.hasBias(), r);
  }

  private static void linear(FeedForwardLayer conf, boolean biased, Reading r) {
    String weight =
        r.add("weight", new Transpose(1, 0), r.parameter("W", conf.getNIn(), conf.getNOut()));
    String out =
        biased
            ? r.add(
                "linear", new Linear(true), r.plain(0), weight, r.parameter("b", conf.getNOut()))
            : r.add("linear", new Linear(false), r.plain(0), weight);
    r.gives(r.activated(new Array(out, false), conf.getActivationFn()));
  }

  private static void elementwise(ElementWiseVertex conf, Reading r) {
    if (conf.getOp() != ElementWiseVertex.Op.Add) {
      r.leave(conf.getOp() + " is not read");
      return;
    }
    String sum = r.arrays().get(0).value();
    for (int i = 1; i < r.inputs(); i++) {
      sum = r.add("sum" + i, new Arithmetic(Arithmetic.Kind.ADD), sum, r.arrays().get(i).value());
    }
    r.gives(new Array(sum, r.arrays().get(0).channelsLast()));
  }

  private static void flattened(Reading r) {
    r.gives(r.add("flat", new Reshape(0, -1), r.plain(0)));
  }

  private static void relu(ActivationReLU function, Reading r) {
    if (function.equals(new ActivationReLU())) {
      activate(Nonlinearity.RELU, r);
    } else {
      r.leave("a ReLU with options");
    }
  }

  private static void activate(Nonlinearity act, Reading r) {
    same(new Activate(act), r);
  }

  /** DL4J's softmax goes over the last dimension. */
  private static void softmax(ActivationSoftmax function, Reading r) {
    same(new Softmax(r.array(0).channelsLast() ? 1 : -1), r);
  }

  /** One operation that works in every layout and keeps the shape. */
  private static void same(org.kerneldna.graph.Operation operation, Reading r) {
    Array x = r.array(0);
    r.gives(new Array(r.add("out", operation, x.value()), x.channelsLast()));
  }
}
