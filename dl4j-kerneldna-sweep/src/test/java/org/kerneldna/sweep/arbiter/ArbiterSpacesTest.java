package org.kerneldna.sweep.arbiter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.deeplearning4j.arbiter.ComputationGraphSpace;
import org.deeplearning4j.arbiter.GraphConfiguration;
import org.deeplearning4j.arbiter.conf.updater.SgdSpace;
import org.deeplearning4j.arbiter.layers.ConvolutionLayerSpace;
import org.deeplearning4j.arbiter.layers.GlobalPoolingLayerSpace;
import org.deeplearning4j.arbiter.layers.OutputLayerSpace;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.generator.RandomSearchGenerator;
import org.deeplearning4j.arbiter.optimize.parameter.BooleanSpace;
import org.deeplearning4j.arbiter.optimize.parameter.continuous.ContinuousParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.discrete.DiscreteParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.integer.IntegerParameterSpace;
import org.deeplearning4j.arbiter.optimize.serde.jackson.JsonMapper;
import org.deeplearning4j.arbiter.optimize.serde.jackson.YamlMapper;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.kerneldna.layers.KernelDNAConvolution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What an Arbiter user does with the spaces. */
class ArbiterSpacesTest {

  private static final int CANDIDATES = 4;

  @Test
  void searchesAConvolutionThatStandsAlone() throws Exception {
    ComputationGraphSpace space =
        graph()
            .addLayer("conv", convolution().nOut(new IntegerParameterSpace(8, 16)).build(), "in")
            .addLayer("pool", pool(), "conv")
            .addLayer("out", output(), "pool")
            .build();

    Set<Integer> ratios = new HashSet<>();
    RandomSearchGenerator generator = new RandomSearchGenerator(space);
    generator.setRngSeed(1);
    for (int i = 0; i < CANDIDATES; i++) {
      ComputationGraph graph = fitted(generator);
      ratios.add(((KernelDNAConvolution) graph.getLayer("conv").conf().getLayer()).getGateRatio());
    }
    assertThat(ratios).hasSizeGreaterThan(1);
    assertRoundTrip(space, ComputationGraphSpace.class);
  }

  @Test
  void searchesConvolutionsThatShareAKernel() throws Exception {
    KernelDNAGraphSpace space = sharing();

    Set<Boolean> gates = new HashSet<>();
    Set<Long> widths = new HashSet<>();
    RandomSearchGenerator generator = new RandomSearchGenerator(space);
    generator.setRngSeed(1);
    for (int i = 0; i < CANDIDATES; i++) {
      ComputationGraph graph = fitted(generator);
      gates.add(graph.getVertex("child-gate") != null);
      INDArray kernel = graph.getLayer("parent-kernel").getParam("W");
      widths.add(kernel.size(0));
      assertThat(kernel.shape()).containsExactly(kernel.size(0), kernel.size(0), 3, 3);
      assertThat(graph.getLayer("child-kernel").getParam("f").length()).isEqualTo(kernel.size(0));
    }
    assertThat(gates).containsExactlyInAnyOrder(true, false);
    assertThat(widths).hasSizeGreaterThan(1);
    assertRoundTrip(space, KernelDNAGraphSpace.class);
    assertThat(KernelDNAGraphSpace.fromJson(space.toJson()).toJson()).isEqualTo(space.toJson());
    assertThat(KernelDNAGraphSpace.fromYaml(space.toYaml()).toYaml()).isEqualTo(space.toYaml());
  }

  @Test
  void survivesJsonInsideAGenerator() throws Exception {
    RandomSearchGenerator generator = new RandomSearchGenerator(sharing());
    String json = JsonMapper.getMapper().writeValueAsString(generator);
    RandomSearchGenerator read =
        JsonMapper.getMapper().readValue(json, RandomSearchGenerator.class);
    read.setRngSeed(5);
    generator.setRngSeed(5);
    assertThat(read.getCandidate().getValue()).isEqualTo(generator.getCandidate().getValue());
  }

  private static KernelDNAGraphSpace sharing() {
    ParameterSpace<Integer> width = new IntegerParameterSpace(8, 16);
    ComputationGraphSpace.Builder graph =
        graph()
            .addLayer(
                "stem",
                new ConvolutionLayerSpace.Builder()
                    .kernelSize(3, 3)
                    .convolutionMode(ConvolutionMode.Same)
                    .nOut(width)
                    .build(),
                "in")
            .addLayer("pool", pool(), "parent")
            .addLayer("out", output(), "pool");
    return KernelDNAGraphSpace.on(graph)
        .child("child", "parent", convolution().build(), "stem")
        .parent(
            "parent",
            new ConvolutionLayerSpace.Builder()
                .kernelSize(3, 3)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(width)
                .build(),
            "child")
        .build();
  }

  private static ComputationGraphSpace.Builder graph() {
    return new ComputationGraphSpace.Builder()
        .seed(1)
        .updater(new SgdSpace(new ContinuousParameterSpace(0.001, 0.1)))
        .activation(Activation.RELU)
        .addInputs("in")
        .setInputTypes(InputType.convolutional(8, 8, 3))
        .setOutputs("out");
  }

  private static KernelDNAConvolutionSpace.Builder convolution() {
    return new KernelDNAConvolutionSpace.Builder()
        .kernelSize(3, 3)
        .convolutionMode(ConvolutionMode.Same)
        .spatialModulation(new BooleanSpace())
        .filterModulation(true)
        .gate(new DiscreteParameterSpace<>(0, 1, 2));
  }

  private static GlobalPoolingLayerSpace pool() {
    return new GlobalPoolingLayerSpace.Builder().poolingType(PoolingType.AVG).build();
  }

  private static OutputLayerSpace output() {
    return new OutputLayerSpace.Builder()
        .nOut(4)
        .activation(Activation.SOFTMAX)
        .lossFunction(LossFunction.MCXENT)
        .build();
  }

  private static ComputationGraph fitted(RandomSearchGenerator generator) {
    GraphConfiguration candidate = (GraphConfiguration) generator.getCandidate().getValue();
    ComputationGraph graph = new ComputationGraph(candidate.getConfiguration());
    graph.init();
    INDArray before = graph.params().dup();
    INDArray labels = Nd4j.zeros(4, 4);
    for (int i = 0; i < 4; i++) {
      labels.putScalar(i, i, 1);
    }
    graph.fit(new DataSet(Nd4j.rand(4, 3, 8, 8), labels));
    assertThat(graph.params()).isNotEqualTo(before);
    assertThat(graph.score()).isFinite();
    return graph;
  }

  /**
   * Equal, and the same candidate for the same numbers. (Arbiter's fixed arrays are never equal.)
   */
  private static <T extends ComputationGraphSpace> void assertRoundTrip(T space, Class<T> type)
      throws Exception {
    double[] values = new double[space.numParameters()];
    Arrays.fill(values, 0.3);
    String json = JsonMapper.getMapper().writeValueAsString(space);
    T ofJson = JsonMapper.getMapper().readValue(json, type);
    T ofYaml =
        YamlMapper.getMapper().readValue(YamlMapper.getMapper().writeValueAsString(space), type);
    assertThat(ofJson.getValue(values)).isEqualTo(space.getValue(values));
    assertThat(ofYaml.getValue(values)).isEqualTo(space.getValue(values));
    assertThat(JsonMapper.getMapper().writeValueAsString(ofJson)).isEqualTo(json);
  }
}
