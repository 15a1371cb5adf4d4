package org.kerneldna.layers.adapt;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.dynamic.StaticModulation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Small networks to adapt, and batches for them. */
final class Graphs {

  static final int CHANNELS = 4;
  static final int CLASSES = 3;
  static final int SIZE = 6;

  private Graphs() {}

  /** How the layers of {@link #stock} learn. */
  static NeuralNetConfiguration.Builder options() {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .dataType(DataType.DOUBLE)
        .updater(new Nesterovs(0.1, 0.9))
        .l2(0.01)
        .activation(Activation.IDENTITY)
        .convolutionMode(ConvolutionMode.Same);
  }

  /**
   * A classifier of stock layers: {@code a} (bias, ReLU), {@code b} (no bias) and {@code c} (bias,
   * stride 2) have 3x3 kernels of one shape, {@code small} and {@code smaller} 1x1 kernels, {@code
   * depthwise} is something else. {@code norm1} keeps log-deviations, {@code norm2} is ours.
   */
  static ComputationGraph stock(NeuralNetConfiguration.Builder options, CNN2DFormat format) {
    ComputationGraph graph =
        new ComputationGraph(
            options
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, CHANNELS, format))
                .addLayer("a", conv(3).activation(Activation.RELU).build(), "in")
                .addLayer("norm1", new BatchNormalization.Builder().useLogStd(true).build(), "a")
                .addLayer("b", conv(3).hasBias(false).build(), "norm1")
                .addLayer("norm2", new BatchNorm.Builder().build(), "b")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "norm2")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "sum")
                .addLayer("small", conv(1).build(), "relu")
                .addLayer("depthwise", new DepthwiseConvolution2D.Builder(3, 3).build(), "small")
                .addLayer("c", conv(3).stride(2, 2).build(), "depthwise")
                .addLayer("norm3", new BatchNormalization.Builder().useLogStd(false).build(), "c")
                .addLayer(
                    "smaller",
                    new Convolution.Builder(1, 1).nOut(CHANNELS).hasBias(false).build(),
                    "norm3")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "smaller")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(CLASSES).activation(Activation.SOFTMAX).build(),
                    "pool")
                .setOutputs("out")
                .build());
    graph.init();
    randomize(graph);
    return graph;
  }

  static ComputationGraph stock(CNN2DFormat format) {
    return stock(options(), format);
  }

  static ConvolutionLayer.Builder conv(int size) {
    return new ConvolutionLayer.Builder(size, size).nOut(CHANNELS);
  }

  /** Gives every parameter random values, so that none is where it does nothing. */
  static void randomize(ComputationGraph graph) {
    Nd4j.getRandom().setSeed(3);
    graph
        .paramTable()
        .forEach(
            (name, param) ->
                param.assign(
                    name.matches(".*(amma|[vV]ar)")
                        ? Nd4j.rand(param.dataType(), param.shape()).addi(0.5)
                        : Nd4j.randn(param.dataType(), param.shape()).muli(0.4)));
  }

  /** Makes a convolution's kernel a random modulation of another's. */
  static void modulate(ComputationGraph graph, String child, String parent) {
    INDArray kernel = graph.getLayer(parent).getParam(KernelDNAConvolution.KERNEL);
    INDArray s = Nd4j.rand(kernel.dataType(), 1, 1, kernel.size(2), kernel.size(3)).subi(0.5);
    INDArray f = Nd4j.rand(kernel.dataType(), kernel.size(0), 1, 1, 1).subi(0.5);
    graph
        .getLayer(child)
        .getParam(KernelDNAConvolution.KERNEL)
        .assign(
            StaticModulation.forward(
                kernel.dup('c'), s, f, Nd4j.create(kernel.dataType(), kernel.shape())));
  }

  static INDArray batch(CNN2DFormat format, int images) {
    Nd4j.getRandom().setSeed(images);
    return format == CNN2DFormat.NCHW
        ? Nd4j.randn(DataType.DOUBLE, images, CHANNELS, SIZE, SIZE)
        : Nd4j.randn(DataType.DOUBLE, images, SIZE, SIZE, CHANNELS);
  }

  static DataSet labelled(INDArray images, int classes) {
    INDArray labels = Nd4j.zeros(images.dataType(), images.size(0), classes);
    for (int i = 0; i < images.size(0); i++) {
      labels.putScalar(i, i % classes, 1);
    }
    return new DataSet(images, labels);
  }
}
