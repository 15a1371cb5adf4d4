package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The example of the README, to the letter. */
class ReadmeExampleTest {

  @Test
  void learnsABatch() {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .activation(Activation.IDENTITY)
            .updater(new MomentumSgd(0.05, 0.9))
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(32, 32, 3))
            .addLayer("stem", new Convolution.Builder(3, 3).padding(1, 1).nOut(64).build(), "image")
            .addLayer("bn1", new BatchNorm.Builder().build(), "child")
            .addLayer("relu", new ActivationLayer(Activation.RELU), "bn1")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "parent")
            .addLayer(
                "output",
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .activation(Activation.SOFTMAX)
                    .nOut(10)
                    .build(),
                "pool")
            .setOutputs("output");
    ComputationGraphConfiguration conf =
        KernelDNA.on(graph)
            .parent("parent", new Convolution.Builder(3, 3).padding(1, 1).nOut(64).build(), "relu")
            .child(
                "child",
                "parent",
                new KernelDNAConvolution.Builder(3, 3).padding(1, 1).nOut(64).gate(4).build(),
                "stem")
            .build();
    ComputationGraph network = new ComputationGraph(conf);
    network.init();

    DataSet batch = new DataSet(Nd4j.rand(4, 3, 32, 32), Nd4j.eye(10).getRows(0, 1, 2, 3));
    double before = network.score(batch, true);
    for (int i = 0; i < 10; i++) {
      network.fit(batch);
    }
    assertThat(network.score(batch, true)).isLessThan(before);
  }
}
