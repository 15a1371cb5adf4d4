package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.MomentumSgd;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class GradientStepTest {

  private static final int CLASSES = 3;
  private static final double TINY = 1e-12;

  private final DataSet batch = batch(8);

  private static DataSet batch(int size) {
    INDArray labels = Nd4j.zeros(DataType.DOUBLE, size, CLASSES);
    for (int i = 0; i < size; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return new DataSet(Nd4j.rand(DataType.DOUBLE, size, 3, 6, 6), labels);
  }

  private static NeuralNetConfiguration.Builder options() {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .dataType(DataType.DOUBLE)
        .updater(new MomentumSgd(0.1, 0.9))
        .l2(0.01);
  }

  private static ComputationGraph graph(NeuralNetConfiguration.Builder options, boolean norm) {
    return graph(options, norm ? new BatchNormalization() : null);
  }

  private static ComputationGraph graph(NeuralNetConfiguration.Builder options, Layer norm) {
    ComputationGraphConfiguration.GraphBuilder graph =
        options
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(6, 6, 3))
            .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "input");
    if (norm != null) {
      graph.addLayer("norm", norm, "conv");
    }
    ComputationGraph network =
        new ComputationGraph(
            graph
                .addLayer(
                    "fc",
                    new DenseLayer.Builder().nOut(CLASSES).build(),
                    norm == null ? "conv" : "norm")
                .addLayer(
                    "output",
                    new LossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "fc")
                .setOutputs("output")
                .build());
    network.init();
    return network;
  }

  private List<DataSet> parts() {
    return List.of(part(0, 2), part(2, 6), part(6, 8));
  }

  private DataSet part(int from, int to) {
    return (DataSet) batch.getRange(from, to);
  }

  private static double difference(INDArray a, INDArray b) {
    return a.sub(b).amaxNumber().doubleValue();
  }

  @Test
  void onePartIsAStepOfFit() {
    ComputationGraph fitted = graph(options(), true);
    ComputationGraph stepped = graph(options(), true);
    GradientStep step = new GradientStep(stepped, 0);
    for (int i = 0; i < 3; i++) {
      fitted.fit(batch);
      step.add(batch);
      step.apply();
    }
    assertThat(difference(stepped.params(), fitted.params())).isLessThan(TINY);
    assertThat(stepped.getIterationCount()).isEqualTo(fitted.getIterationCount()).isEqualTo(3);
  }

  @Test
  void partsAddUpToTheWholeBatch() {
    ComputationGraph whole = graph(options(), false);
    ComputationGraph inParts = graph(options(), false);
    GradientStep step = new GradientStep(inParts, 0);
    for (int i = 0; i < 3; i++) {
      whole.fit(batch);
      parts().forEach(step::add);
      step.apply();
    }
    assertThat(difference(inParts.params(), whole.params())).isLessThan(TINY);
  }

  private static Stream<Layer> normalisations() {
    return Stream.of(new BatchNormalization(), new BatchNorm.Builder().build());
  }

  @ParameterizedTest
  @MethodSource("normalisations")
  void runningMeansMoveAsForTheWholeBatch(Layer norm) {
    ComputationGraph whole = graph(options(), norm.clone());
    ComputationGraph inParts = graph(options(), norm.clone());
    whole.fit(batch);
    GradientStep step = new GradientStep(inParts, 0);
    step.add(part(0, 4));
    step.add(part(4, 8));
    step.apply();
    INDArray mean = inParts.getParam("norm_mean");
    assertThat(difference(mean, whole.getParam("norm_mean"))).isLessThan(TINY);
    assertThat(mean.amaxNumber().doubleValue()).isPositive();
  }

  @Test
  void aLongGradientIsClippedToItsNormAndAShortOneIsNot() {
    ComputationGraph free = graph(options().updater(new Sgd(1)).l2(0), true);
    INDArray before = free.params().dup();
    free.fit(batch);
    double norm = learnedNorm(free, before);

    double moved = clippedMove(norm / 4);
    assertThat(moved).isCloseTo(norm / 4, within(1e-9 * norm));
    assertThat(clippedMove(2 * norm)).isCloseTo(norm, within(1e-9 * norm));
  }

  /** How far a step with a learning rate of 1 goes, over two parts of the same images. */
  private double clippedMove(double clipNorm) {
    ComputationGraph graph = graph(options().updater(new Sgd(1)).l2(0), true);
    INDArray before = graph.params().dup();
    GradientStep step = new GradientStep(graph, clipNorm);
    step.add(batch);
    step.add(batch);
    step.apply();
    return learnedNorm(graph, before);
  }

  private static double learnedNorm(ComputationGraph graph, INDArray before) {
    ComputationGraph old = graph(options(), true);
    old.setParams(before);
    return Math.sqrt(
        graph.paramTable().keySet().stream()
            .filter(name -> !name.equals("norm_mean") && !name.equals("norm_log10stdev"))
            .mapToDouble(
                name ->
                    Math.pow(
                        graph.getParam(name).sub(old.getParam(name)).norm2Number().doubleValue(),
                        2))
            .sum());
  }

  @Test
  void aStepWithoutPartsDoesNothing() {
    ComputationGraph graph = graph(options(), false);
    INDArray before = graph.params().dup();
    new GradientStep(graph, 1).apply();
    assertThat(graph.params()).isEqualTo(before);
    assertThat(graph.getIterationCount()).isZero();
  }
}
