package org.kerneldna.layers.natives;

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
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Somebody who has our jar on the classpath and uses nothing of it but {@link Backend#log()}. */
final class StockUser {

  private StockUser() {}

  /** Prints each layer's helper, then logs the backend twice. */
  public static void main(String[] arguments) {
    Arrays.stream(graph(CNN2DFormat.NCHW).getLayers())
        .filter(layer -> !layer.conf().getLayer().getLayerName().equals("output"))
        .map(layer -> layer.conf().getLayer().getLayerName() + " " + layer.getHelper())
        .forEach(System.out::println);
    Backend.log();
    Backend.log();
  }

  /** Every kind of layer that DL4J uses oneDNN for, on 9x9 images of 3 channels. */
  static ComputationGraph graph(CNN2DFormat format) {
    var conf =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .updater(new Sgd(0.1))
            .activation(Activation.TANH)
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(9, 9, 3, format))
            .layer("strided", conv(3).stride(2, 2).padding(1, 1).nOut(8).build(), "input")
            .layer("same", conv(3).convolutionMode(ConvolutionMode.Same).nOut(8).build(), "strided")
            .layer("pointwise", conv(1).hasBias(false).nOut(6).build(), "same")
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

  private static ConvolutionLayer.Builder conv(int kernel) {
    return new ConvolutionLayer.Builder(kernel, kernel);
  }

  private static SubsamplingLayer pool(PoolingType type) {
    return new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(1, 1).build();
  }
}
