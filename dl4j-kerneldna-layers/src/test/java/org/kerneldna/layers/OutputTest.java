package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.parent;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Inference, and backpropagation of errors that come from outside, with workspaces and without. */
class OutputTest {

  @ParameterizedTest
  @EnumSource(names = {"ENABLED", "NONE"})
  void outputIsTheSameEachTime(WorkspaceMode mode) {
    ComputationGraph net =
        Nets.randomized(
            Nets.shared(
                Nets.options(DataType.FLOAT).inferenceWorkspaceMode(mode), CNN2DFormat.NCHW));
    ComputationGraph other =
        Nets.randomized(Nets.shared(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW));
    INDArray five = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 5);
    INDArray three = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 3);
    INDArray output = net.outputSingle(five);
    INDArray copy = output.dup();

    assertThat(net.outputSingle(three).size(0)).isEqualTo(3);
    assertThat(net.outputSingle(five)).isEqualTo(copy);
    assertThat(net.feedForward(five, false).get("out")).isEqualTo(copy);
    assertThat(other.outputSingle(five)).isEqualTo(copy);
    assertThat(output).isEqualTo(copy);
  }

  @Test
  void imagesMayBeBytes() {
    GraphBuilder graph =
        Nets.graph(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW)
            .addVertex("sum", new ElementWiseVertex(Op.Add), "parent", "child")
            .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "sum")
            .addLayer("out", Nets.output().build(), "pool")
            .setOutputs("out");
    ComputationGraph net =
        Nets.randomized(
            KernelDNA.on(graph)
                .parent("parent", parent().build(), "in")
                .child("child", "parent", child().build(), "in")
                .build());
    DataSet bytes = Nets.labelled(DataType.FLOAT, CNN2DFormat.NCHW, 5);
    bytes.setFeatures(Transforms.abs(bytes.getFeatures().mul(100)).castTo(DataType.UINT8));
    DataSet floats = new DataSet(bytes.getFeatures().castTo(DataType.FLOAT), bytes.getLabels());

    assertThat(net.outputSingle(bytes.getFeatures()))
        .isEqualTo(net.outputSingle(floats.getFeatures()));
    assertThat(Nets.gradient(net, bytes)).isEqualTo(Nets.gradient(net, floats));
  }

  @ParameterizedTest
  @CsvSource({"ENABLED, IDENTITY", "ENABLED, TANH", "NONE, IDENTITY", "NONE, TANH"})
  void externalErrorsGiveTheGradientOfTheLoss(WorkspaceMode mode, Activation activation) {
    ComputationGraph net = Nets.randomized(family(mode, activation).setOutputs("end").build());
    ComputationGraph withLoss =
        Nets.randomized(
            family(mode, activation)
                .addLayer("loss", new LossLayer.Builder(LossFunction.L2).build(), "end")
                .setOutputs("loss")
                .build());
    INDArray x = Nets.batch(DataType.DOUBLE, CNN2DFormat.NCHW, 3);
    INDArray labels = Nets.randn(DataType.DOUBLE, 8, withLoss.outputSingle(x).shape());
    INDArray expected = Nets.gradient(withLoss, new DataSet(x, labels));

    INDArray y = net.feedForward(new INDArray[] {x}, true, false).get("end");
    INDArray errors = y.sub(labels.reshape('c', y.shape())).mul(2);
    Nets.assertClose(net.backpropGradient(errors).gradient(), expected, 1e-12);
  }

  @Test
  void layersWorkInAMultiLayerNetwork() {
    Layer[] layers = {
      child().build(),
      new BatchNorm.Builder().build(),
      new SqueezeExcitation.Builder().build(),
      parent().build(),
      new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
      Nets.output().build()
    };
    ListBuilder list =
        Nets.options(DataType.DOUBLE).list().setInputType(Nets.images(CNN2DFormat.NCHW));
    GraphBuilder graph = Nets.graph(Nets.options(DataType.DOUBLE), CNN2DFormat.NCHW);
    for (int i = 0; i < layers.length; i++) {
      list.layer(layers[i].clone());
      graph.addLayer("" + i, layers[i].clone(), i == 0 ? "in" : "" + (i - 1));
    }
    MultiLayerNetwork net =
        new MultiLayerNetwork(MultiLayerConfiguration.fromJson(list.build().toJson()));
    net.init();
    ComputationGraph expected = Nets.randomized(graph.setOutputs("5").build());
    net.setParams(expected.params());

    DataSet data = Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, 4);
    for (int step = 0; step < 2; step++) {
      assertThat(net.output(data.getFeatures()))
          .isEqualTo(expected.outputSingle(data.getFeatures()));
      net.fit(data);
      expected.fit(data);
      assertThat(net.params()).isEqualTo(expected.params());
    }
  }

  private static GraphBuilder family(WorkspaceMode mode, Activation activation) {
    GraphBuilder graph =
        Nets.graph(
            Nets.options(DataType.DOUBLE).trainingWorkspaceMode(mode).inferenceWorkspaceMode(mode),
            CNN2DFormat.NCHW);
    KernelDNA.on(graph)
        .child("child", "parent", child().build(), "in")
        .parent("parent", parent().nIn(Nets.CHANNELS).build(), "child")
        .child("end", "parent", child().activation(activation).build(), "parent");
    return graph;
  }
}
