package org.kerneldna.train;

import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A graph of stock layers that trains in no time: convolution, batch normalisation, dropout,
 * classifier.
 */
@UtilityClass
public class SmallGraph {

  public ComputationGraph create(int imageSize, int classes, Recipe recipe) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(recipe.initialSeed())
                .updater(recipe.updater())
                .activation(Activation.IDENTITY)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(imageSize, imageSize, 3))
                .addLayer(
                    "conv",
                    new ConvolutionLayer.Builder(3, 3).nOut(8).stride(2, 2).build(),
                    "input")
                .addLayer(
                    "bn",
                    new BatchNormalization.Builder().activation(Activation.RELU).build(),
                    "conv")
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "bn")
                .addLayer("dropout", new DropoutLayer.Builder(0.9).build(), "pool")
                .addLayer("fc", new DenseLayer.Builder().nOut(classes).build(), "dropout")
                .addLayer(
                    "output",
                    new LossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "fc")
                .setOutputs("output")
                .build());
    graph.init();
    return graph;
  }
}
