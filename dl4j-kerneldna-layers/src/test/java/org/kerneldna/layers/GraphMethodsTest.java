package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Named.named;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.parent;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.listeners.CollectScoresListener;
import org.deeplearning4j.optimize.listeners.EvaluativeListener;
import org.deeplearning4j.optimize.listeners.PerformanceListener;
import org.deeplearning4j.parallelism.ParallelInference;
import org.deeplearning4j.parallelism.inference.InferenceMode;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** The public methods of ComputationGraph, on graphs with our layers and vertices. */
class GraphMethodsTest {

  private static final int SAMPLES = 6;

  private record Network(
      ComputationGraphConfiguration conf, DataType type, CNN2DFormat format, boolean noisy) {

    DataSet data() {
      return Nets.labelled(type, format, SAMPLES);
    }
  }

  private interface Check {
    void run(ComputationGraph net, DataSet data) throws Exception;
  }

  private static Stream<Named<Network>> networks() {
    return Stream.of(
        named(
            "children around their parent",
            new Network(
                Nets.shared(Nets.options(DataType.FLOAT).l2(0.01), CNN2DFormat.NCHW),
                DataType.FLOAT,
                CNN2DFormat.NCHW,
                false)),
        named(
            "output declared first",
            new Network(
                outputFirst(DataType.DOUBLE, CNN2DFormat.NHWC),
                DataType.DOUBLE,
                CNN2DFormat.NHWC,
                false)),
        named(
            "plain layers",
            new Network(
                plain(DataType.FLOAT, CNN2DFormat.NHWC), DataType.FLOAT, CNN2DFormat.NHWC, true)));
  }

  private static ComputationGraphConfiguration outputFirst(DataType type, CNN2DFormat format) {
    GraphBuilder graph =
        Nets.graph(Nets.options(type).l2(0.01), format)
            .setOutputs("out")
            .addLayer("out", Nets.output().build(), "pool")
            .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "sum")
            .addVertex("sum", new ElementWiseVertex(Op.Add), "parent", "child")
            .addLayer("norm", new BatchNorm.Builder().build(), "child");
    return KernelDNA.on(graph)
        .parent("parent", parent().hasBias(true).build(), "norm")
        .child("child", "parent", child().activation(Activation.RELU).build(), "in")
        .build();
  }

  private static ComputationGraphConfiguration plain(DataType type, CNN2DFormat format) {
    return Nets.graph(Nets.options(type).l2(0.01), format)
        .setOutputs("out")
        .addLayer("conv", parent().activation(Activation.TANH).build(), "in")
        .addLayer("dna", child().activation(Activation.TANH).build(), "conv")
        .addLayer("gate", new SqueezeExcitation.Builder().ratio(2).build(), "dna")
        .addLayer("depthwise", new DepthwiseConvolution.Builder(3, 3).build(), "gate")
        .addLayer("batchNorm", new BatchNorm.Builder().build(), "depthwise")
        .addLayer("layerNorm", new ChannelLayerNorm.Builder().build(), "batchNorm")
        .addLayer("scale", new LayerScale.Builder().build(), "layerNorm")
        .addLayer("path", new DropPath.Builder(0.3).build(), "scale")
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "path")
        .addLayer("out", Nets.output().build(), "pool")
        .build();
  }

  private static Map<String, Check> checks() {
    Map<String, Check> checks = new LinkedHashMap<>();
    checks.put("every fit", GraphMethodsTest::everyFit);
    checks.put("every output", GraphMethodsTest::everyOutput);
    checks.put("score", GraphMethodsTest::score);
    checks.put("scoreExamples", GraphMethodsTest::scoreExamples);
    checks.put("scoreExamples with a mask", GraphMethodsTest::maskedScoreExamples);
    checks.put("computeGradientAndScore", GraphMethodsTest::gradients);
    checks.put("update", GraphMethodsTest::update);
    checks.put("parameters", GraphMethodsTest::parameters);
    checks.put("sizes", GraphMethodsTest::sizes);
    checks.put("pretrain", GraphMethodsTest::pretrain);
    checks.put("rnnTimeStep", GraphMethodsTest::rnnTimeStep);
    checks.put("evaluate", GraphMethodsTest::evaluate);
    checks.put("convertDataType", GraphMethodsTest::convertDataType);
    checks.put("learning rates", GraphMethodsTest::learningRates);
    checks.put("listeners and epochs", GraphMethodsTest::listenersAndEpochs);
    checks.put("early stopping", GraphMethodsTest::earlyStopping);
    checks.put("ParallelInference", GraphMethodsTest::parallelInference);
    return checks;
  }

  private static Stream<Arguments> checksOfNetworks() {
    return networks()
        .flatMap(
            network ->
                checks().entrySet().stream()
                    .map(check -> Arguments.of(network, named(check.getKey(), check.getValue()))));
  }

  @ParameterizedTest(name = "{1} of {0}")
  @MethodSource("checksOfNetworks")
  void method(Network network, Check check) throws Exception {
    check.run(Nets.randomized(network.conf.clone()), network.data());
  }

  private static void everyFit(ComputationGraph net, DataSet data) {
    INDArray[] x = {data.getFeatures()};
    INDArray[] y = {data.getLabels()};
    INDArray[] mask = {Nd4j.ones(y[0].dataType(), SAMPLES, 1)};
    INDArray expected = trained(net, n -> n.fit(data));
    assertThat(expected).isNotEqualTo(net.params());
    List<Consumer<ComputationGraph>> ways =
        List.of(
            n -> n.fit(multi(data)),
            n -> n.fit(iterator(data)),
            n -> n.fit(iterator(data), 1),
            n -> n.fit(multiIterator(data)),
            n -> n.fit(multiIterator(data), 1),
            n -> n.fit(x, y),
            n -> n.fit(x, y, null, null),
            n -> n.fit(x, y, null, mask));
    for (Consumer<ComputationGraph> way : ways) {
      assertClose(trained(net, way), expected, 1e-6);
    }
  }

  private static INDArray trained(ComputationGraph net, Consumer<ComputationGraph> way) {
    ComputationGraph copy = net.clone();
    Nd4j.getRandom().setSeed(5);
    way.accept(copy);
    return copy.params();
  }

  private static void everyOutput(ComputationGraph net, DataSet data) {
    INDArray x = data.getFeatures();
    INDArray expected = net.outputSingle(x);
    assertClose(expected.sum(1), Nd4j.ones(expected.dataType(), SAMPLES), 1e-6);
    List<INDArray> all =
        List.of(
            net.feedForward(x, false).get("out"),
            net.feedForward(new INDArray[] {x}, false).get("out"),
            net.feedForward(new INDArray[] {x}, false, true).get("out"),
            net.output(x)[0],
            net.output(false, x)[0],
            net.output(false, true, x)[0],
            net.output(false, new INDArray[] {x}, null)[0],
            net.output(List.of("out"), false, new INDArray[] {x}, null)[0],
            net.output(iterator(data))[0],
            net.outputSingle(multiIterator(data)));
    all.forEach(output -> assertClose(output, expected, 1e-6));
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager()
            .getAndActivateWorkspace(
                WorkspaceConfiguration.builder().initialSize(1 << 16).build(), "outer")) {
      INDArray output = net.output(false, workspace, x)[0];
      assertThat(output.isAttached()).isTrue();
      assertClose(output, expected, 1e-6);
    }
  }

  /** By hand from the output: cross-entropy, for one-hot labels. */
  private static INDArray losses(ComputationGraph net, DataSet data) {
    INDArray p = net.outputSingle(data.getFeatures());
    INDArray losses = Nd4j.create(p.dataType(), SAMPLES, 1);
    for (int i = 0; i < SAMPLES; i++) {
      losses.putScalar(i, 0, -Math.log(p.getDouble(i, i % Nets.CLASSES)));
    }
    return losses;
  }

  private static void score(ComputationGraph net, DataSet data) {
    double expected =
        losses(net, data).meanNumber().doubleValue() + net.calcRegularizationScore(true);
    assertThat(net.score(data)).isCloseTo(expected, within(1e-4 * expected));
    assertThat(net.score(multi(data))).isCloseTo(expected, within(1e-4 * expected));
  }

  private static void scoreExamples(ComputationGraph net, DataSet data) {
    INDArray expected = losses(net, data);
    assertClose(net.scoreExamples(data, false), expected, 1e-5);
    assertClose(net.scoreExamples(multi(data), false), expected, 1e-5);
    assertClose(
        net.scoreExamples(data, true), expected.add(net.calcRegularizationScore(true)), 1e-5);
  }

  private static void maskedScoreExamples(ComputationGraph net, DataSet data) {
    INDArray mask = Nd4j.ones(data.getLabels().dataType(), SAMPLES, 1);
    mask.putScalar(0, 0);
    INDArray expected = losses(net, data).mul(mask);
    assertClose(
        net.scoreExamples(new DataSet(data.getFeatures(), data.getLabels(), null, mask), false),
        expected,
        1e-5);
  }

  private static void gradients(ComputationGraph net, DataSet data) {
    INDArray flat = Nets.gradient(net, data);
    assertThat(net.gradient().gradientForVariable().keySet()).isEqualTo(net.paramTable().keySet());
    double squares = 0;
    for (Map.Entry<String, INDArray> g : net.gradient().gradientForVariable().entrySet()) {
      assertThat(g.getValue().shape()).isEqualTo(net.getParam(g.getKey()).shape());
      squares += Math.pow(g.getValue().norm2Number().doubleValue(), 2);
    }
    double norm = flat.norm2Number().doubleValue();
    assertThat(Math.sqrt(squares)).isCloseTo(norm, within(1e-5 * norm));
  }

  private static void update(ComputationGraph net, DataSet data) {
    INDArray expected = net.params().add(Nets.gradient(net, data));
    net.update(net.gradient());
    assertClose(net.params(), expected, 1e-6);
  }

  private static void parameters(ComputationGraph net, DataSet data) {
    long length = net.paramTable().values().stream().mapToLong(INDArray::length).sum();
    assertThat(net.numParams()).isEqualTo(length).isEqualTo(net.params().length());
    Map<String, INDArray> values = new HashMap<>();
    net.paramTable().forEach((k, v) -> values.put(k, Nd4j.rand(v.dataType(), v.shape())));
    net.setParamTable(values);
    assertThat(net.paramTable(true)).isEqualTo(values);
    net.setParams(net.params().mul(3));
    values.forEach((k, v) -> assertThat(net.getParam(k)).isEqualTo(v.mul(3)));
    values.forEach(net::setParam);
    assertThat(net.paramTable()).isEqualTo(values);
    for (Layer layer : net.getLayers()) {
      if (layer.numParams() > 0) {
        layer.setParams(layer.params().mul(2).reshape(1, layer.numParams()));
      }
    }
    values.forEach((k, v) -> assertThat(net.getParam(k)).isEqualTo(v.mul(2)));
  }

  private static void sizes(ComputationGraph net, DataSet data) {
    for (Layer layer : net.getLayers()) {
      if (layer.numParams() > 0) {
        String name = layer.conf().getLayer().getLayerName();
        assertThat(net.layerInputSize(name)).as(name).isEqualTo(Nets.CHANNELS);
        assertThat(net.layerSize(name))
            .isEqualTo(name.equals("out") ? Nets.CLASSES : Nets.CHANNELS);
      }
    }
  }

  private static void pretrain(ComputationGraph net, DataSet data) {
    INDArray before = net.params().dup();
    net.pretrain(iterator(data));
    assertThat(net.params()).isEqualTo(before);
    for (Layer layer : net.getLayers()) {
      String name = layer.conf().getLayer().getLayerName();
      if (layer.getClass().getName().startsWith("org.kerneldna") && layer.numParams() > 0) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(() -> net.pretrainLayer(name, iterator(data)))
            .withMessageContainingAll("\"" + name + "\"", "fit");
      }
    }
  }

  private static void rnnTimeStep(ComputationGraph net, DataSet data) {
    assertThat(net.rnnTimeStep(data.getFeatures())[0])
        .isEqualTo(net.outputSingle(data.getFeatures()));
    net.rnnClearPreviousState();
  }

  private static void evaluate(ComputationGraph net, DataSet data) {
    INDArray right = net.outputSingle(data.getFeatures()).argMax(1).eq(data.getLabels().argMax(1));
    double expected = right.castTo(DataType.DOUBLE).meanNumber().doubleValue();
    Evaluation own = new Evaluation();
    net.doEvaluation(iterator(data), own);
    assertThat(own.accuracy()).isEqualTo(expected);
    assertThat(net.<Evaluation>evaluate(iterator(data)).accuracy()).isEqualTo(expected);
    assertThat(net.<Evaluation>evaluate(multiIterator(data)).accuracy()).isEqualTo(expected);
    double squared =
        net.outputSingle(data.getFeatures()).squaredDistance(data.getLabels())
            / (SAMPLES * Nets.CLASSES);
    assertThat(net.evaluateRegression(iterator(data)).averageMeanSquaredError())
        .isCloseTo(squared, within(1e-5));
    assertThat(net.evaluateROCMultiClass(iterator(data), 0).calculateAverageAUC())
        .isBetween(0., 1.);
  }

  private static void convertDataType(ComputationGraph net, DataSet data) {
    DataType other = net.params().dataType() == DataType.FLOAT ? DataType.DOUBLE : DataType.FLOAT;
    ComputationGraph converted = net.convertDataType(other);
    INDArray x = data.getFeatures();
    converted
        .feedForward(x.castTo(other), false)
        .forEach((name, output) -> assertThat(output.dataType()).as(name).isEqualTo(other));
    INDArray expected = net.outputSingle(x).castTo(other);
    assertClose(converted.outputSingle(x.castTo(other)), expected, 1e-4);
    assertClose(converted.outputSingle(x), expected, 1e-4);
    INDArray afterwards = trained(net, n -> n.fit(data));
    assertClose(trained(converted, n -> n.fit(data)), afterwards.castTo(other), 1e-4);
  }

  private static void learningRates(ComputationGraph net, DataSet data) {
    net.setLearningRate(0.01);
    for (Layer layer : net.getLayers()) {
      String name = layer.conf().getLayer().getLayerName();
      if (layer.numParams() > 0) {
        assertThat(net.getLearningRate(name)).as(name).isEqualTo(0.01);
        net.setLearningRate(name, 0.0);
      }
    }
    Map<String, INDArray> before = net.clone().paramTable();
    net.fit(data);
    net.paramTable()
        .forEach(
            (name, value) -> {
              if (!Nets.isStatistic(name)) {
                assertThat(value).as(name).isEqualTo(before.get(name));
              }
            });
  }

  private static void listenersAndEpochs(ComputationGraph net, DataSet data) {
    CollectScoresListener scores = new CollectScoresListener(1);
    EvaluativeListener evaluation = new EvaluativeListener(iterator(data), 1);
    net.setListeners(scores, evaluation, new PerformanceListener(1, true));
    net.fit(iterator(data), 2);
    assertThat(scores.getListScore().size()).isEqualTo(2);
    assertThat(((Evaluation) evaluation.getEvaluations()[0]).getNumRowCounter()).isEqualTo(SAMPLES);
    net.incrementEpochCount();
    assertThat(net.getEpochCount()).isEqualTo(3);
    assertThat(net.getIterationCount()).isEqualTo(2);
    for (Layer layer : net.getLayers()) {
      assertThat(layer.getEpochCount()).isEqualTo(3);
    }
  }

  private static void earlyStopping(ComputationGraph net, DataSet data) {
    EarlyStoppingConfiguration<ComputationGraph> conf =
        new EarlyStoppingConfiguration.Builder<ComputationGraph>()
            .epochTerminationConditions(new MaxEpochsTerminationCondition(2))
            .scoreCalculator(new DataSetLossCalculator(iterator(data), true))
            .modelSaver(new InMemoryModelSaver<>())
            .build();
    var result = new EarlyStoppingGraphTrainer(conf, net, iterator(data)).fit();
    assertThat(result.getTotalEpochs()).isEqualTo(2);
    assertThat(result.getScoreVsEpoch().get(1)).isCloseTo(net.score(data), within(1e-5));
    assertThat(result.getBestModel().outputSingle(data.getFeatures()).shape())
        .containsExactly(SAMPLES, Nets.CLASSES);
  }

  private static void parallelInference(ComputationGraph net, DataSet data) {
    INDArray expected = net.outputSingle(data.getFeatures());
    ParallelInference inference =
        new ParallelInference.Builder(net)
            .workers(2)
            .inferenceMode(InferenceMode.BATCHED)
            .batchLimit(4)
            .build();
    try {
      assertClose(inference.output(data.getFeatures()), expected, 1e-6);
    } finally {
      inference.shutdown();
    }
  }

  private static Stream<Named<Network>> quietNetworks() {
    return networks().filter(network -> !network.getPayload().noisy);
  }

  @ParameterizedTest
  @MethodSource("quietNetworks")
  void errorsFromOutsideGiveTheGradientsOfTheLoss(Network network) {
    ComputationGraph net = Nets.randomized(network.conf);
    DataSet data = network.data();
    Nets.gradient(net, data);
    Map<String, INDArray> expected = new HashMap<>();
    net.gradient().gradientForVariable().forEach((k, v) -> expected.put(k, v.dup()));
    INDArray epsilon =
        net.output(true, data.getFeatures())[0]
            .sub(data.getLabels())
            .mmul(net.getParam("out_W").transpose());

    ComputationGraph headless = withoutOutput(network.conf);
    headless.paramTable().forEach((name, value) -> value.assign(net.getParam(name)));
    headless.feedForward(new INDArray[] {data.getFeatures()}, true, false);
    Gradient gradients = headless.backpropGradient(epsilon);
    gradients
        .gradientForVariable()
        .forEach(
            (name, gradient) -> {
              if (!Nets.isStatistic(name)) {
                assertClose(gradient, expected.get(name), 1e-4);
              }
            });

    headless.getUpdater().update(gradients, 0, 0, SAMPLES, LayerWorkspaceMgr.noWorkspaces());
    headless.params().subi(gradients.gradient().reshape(headless.params().shape()));
    net.fit(data);
    headless.paramTable().forEach((name, value) -> assertClose(value, net.getParam(name), 1e-4));
  }

  private static ComputationGraph withoutOutput(ComputationGraphConfiguration conf) {
    ComputationGraphConfiguration rest = conf.clone();
    rest.getVertices().remove("out");
    rest.getVertexInputs().remove("out");
    rest.setNetworkOutputs(List.of("pool"));
    return Nets.init(rest);
  }

  @Test
  void multiLayerNetworkOfPlainLayers() {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            Nets.options(DataType.FLOAT)
                .updater(new Adam(1e-2))
                .list()
                .layer(parent().activation(Activation.RELU).build())
                .layer(new BatchNorm.Builder().build())
                .layer(child().activation(Activation.TANH).build())
                .layer(new SqueezeExcitation.Builder().ratio(2).build())
                .layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())
                .layer(Nets.output().build())
                .setInputType(Nets.images(CNN2DFormat.NHWC))
                .build());
    net.init();
    DataSet data = Nets.labelled(DataType.FLOAT, CNN2DFormat.NHWC, SAMPLES);
    ComputationGraph graph = net.toComputationGraph();
    INDArray x = data.getFeatures();
    assertClose(graph.outputSingle(x), net.output(x), 1e-6);
    assertClose(net.scoreExamples(data, false), losses(graph, data), 1e-5);
    assertThat(net.feedForwardToLayer(2, x).get(3).shape()).containsExactly(6, 5, 6, 4);
    INDArray before = net.params().dup();
    net.pretrain(iterator(data));
    assertThat(net.params()).isEqualTo(before);
    net.fit(data);
    graph.fit(data);
    assertClose(graph.params(), net.params(), 1e-5);
  }

  private static MultiDataSet multi(DataSet data) {
    return new MultiDataSet(data.getFeatures(), data.getLabels());
  }

  private static ExistingDataSetIterator iterator(DataSet data) {
    return new ExistingDataSetIterator(List.of(data));
  }

  private static MultiDataSetIteratorAdapter multiIterator(DataSet data) {
    return new MultiDataSetIteratorAdapter(iterator(data));
  }
}
