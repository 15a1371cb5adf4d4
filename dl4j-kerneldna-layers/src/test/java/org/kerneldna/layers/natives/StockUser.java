package org.kerneldna.layers.natives;

import static org.deeplearning4j.config.DL4JSystemProperties.DISABLE_HELPER_PROPERTY;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Somebody who has our jar on the classpath and a network of DL4J's own layers. */
final class StockUser {

  private StockUser() {}

  /**
   * Trains a step, prints each layer's helper and DL4J's property, and logs the backend twice.
   *
   * @param arguments any: the user asks for helpers
   */
  public static void main(String[] arguments) {
    ComputationGraph graph = graph(CNN2DFormat.NHWC, DataType.FLOAT);
    if (arguments.length > 0) {
      LayerHelpers.enable(graph);
    }
    graph.fit(batch(CNN2DFormat.NHWC, DataType.FLOAT));
    Arrays.stream(graph.getLayers())
        .map(layer -> layer.conf().getLayer().getLayerName() + " " + layer.getHelper())
        .forEach(System.out::println);
    System.out.println("property " + System.getProperty(DISABLE_HELPER_PROPERTY));
    Backend.log();
    Backend.log();
  }

  /** Every kind of layer that DL4J has a oneDNN helper for, on 12x12 images of 3 channels. */
  static ComputationGraph graph(CNN2DFormat format, DataType dataType) {
    var conf =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .dataType(dataType)
            .updater(new Sgd(0.1))
            .activation(Activation.RELU)
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(12, 12, 3, format))
            .layer("dilated", conv(3).dilation(2, 2).nOut(8).build(), "input")
            .layer("strided", conv(3).stride(2, 2).nOut(8).build(), "dilated")
            .layer("pointwise", conv(1).hasBias(false).nOut(6).build(), "strided")
            .layer("norm", new BatchNormalization(), "pointwise")
            .layer("max", pool(PoolingType.MAX), "norm")
            .layer("average", pool(PoolingType.AVG), "max")
            .layer(
                "output",
                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                    .activation(Activation.SOFTMAX)
                    .nOut(4)
                    .build(),
                "average")
            .setOutputs("output")
            .build();
    var graph = new ComputationGraph(conf);
    graph.init();
    return graph;
  }

  /** Five images and their labels. */
  static DataSet batch(CNN2DFormat format, DataType dataType) {
    Nd4j.getRandom().setSeed(11);
    INDArray images = Nd4j.randn(DataType.FLOAT, 5, 3, 12, 12).castTo(dataType);
    INDArray labels = Nd4j.eye(4).castTo(dataType).getRows(0, 1, 2, 3, 0);
    return new DataSet(
        format == CNN2DFormat.NCHW ? images : images.permute(0, 2, 3, 1).dup('c'), labels);
  }

  private static ConvolutionLayer.Builder conv(int kernel) {
    return new ConvolutionLayer.Builder(kernel, kernel).convolutionMode(ConvolutionMode.Same);
  }

  private static SubsamplingLayer pool(PoolingType type) {
    return new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(1, 1).build();
  }
}
