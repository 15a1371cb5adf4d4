package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.Test;
import org.kerneldna.layers.KernelDNAConvolution;

class ComplexityTest {

  @Test
  void countsLayersOutsideTheZooToo() {
    InputType images = InputType.convolutional(10, 12, 8);
    ComputationGraphConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(images)
            .addLayer(
                "conv",
                new KernelDNAConvolution.Builder(3, 3).nOut(16).stride(2, 2).padding(1, 1).build(),
                "images")
            .addLayer("norm", new BatchNormalization(), "conv")
            .addLayer("depthwise", new DepthwiseConvolution2D.Builder(3, 3).build(), "norm")
            .addLayer("pool", new GlobalPoolingLayer(), "depthwise")
            .addLayer("output", new OutputLayer.Builder().nOut(4).build(), "pool")
            .setOutputs("output")
            .build();

    long kernel = 16 * 8 * 9;
    long gate = 2 * 8 * 2;
    long gateVectors = 2 + 2 + 8;
    long depthwise = 16 * 9;
    long linear = 16 * 4;
    assertThat(Complexity.of(conf, images))
        .isEqualTo(
            new Complexity(
                kernel + 16 + 9 + 16 + gate + gateVectors + 2 * 16 + depthwise + 16 + linear + 4,
                kernel * 5 * 6 + gate + depthwise * 3 * 4 + linear));
  }
}
