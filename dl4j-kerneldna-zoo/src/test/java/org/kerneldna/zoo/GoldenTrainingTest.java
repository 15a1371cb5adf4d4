package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Function;
import java.util.stream.Stream;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.MomentumSgd;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Three training steps of a whole network against the reference, in double precision. */
class GoldenTrainingTest {

  private static final double TOLERANCE = 1e-7;

  private GoldenCase golden;

  static Stream<GoldenCase> trainings() {
    return GoldenCase.all("training");
  }

  @ParameterizedTest
  @MethodSource("trainings")
  void trainsAsTheReference(GoldenCase golden) {
    this.golden = golden;
    JsonNode input = golden.json().get("input");
    JsonNode sgd = golden.json().get("optimizer");
    long[] shape = GoldenCase.longs(input.get("shape"));
    ZooNetwork network =
        Architecture.named(golden.json().get("arch").asText())
            .builder(true)
            .inputShape(new int[] {(int) shape[1], (int) shape[2], (int) shape[3]})
            .updater(new MomentumSgd(sgd.get("lr").asDouble(), sgd.get("momentum").asDouble()))
            .weightDecay(sgd.get("weight_decay").asDouble())
            .dataType(DataType.DOUBLE)
            .build();
    StateDict state = network.stateDict();
    ComputationGraph graph = network.init();
    FillingRule.fill(graph, state);
    INDArray images = FillingRule.input(input.get("name").asText(), shape).castTo(DataType.DOUBLE);
    DataSet batch = new DataSet(images, labels());

    double penalty = graph.calcRegularizationScore(true);
    graph.setListeners(new GradientCheck(state, shape[0]));
    graph.fit(batch);
    assertLoss(0, graph.score() - penalty);

    penalty = graph.calcRegularizationScore(true);
    graph.setListeners();
    graph.fit(batch);
    assertLoss(1, graph.score() - penalty);

    assertNorms(
        "parameter_l2_norms_after_two_steps",
        name -> state.read(StateDict.parameters(graph), name));
    assertNorms(
        "running_statistics_l2_norms_after_two_steps",
        name -> state.read(StateDict.parameters(graph), name));
    assertNorms(
        "momentum_buffer_l2_norms_after_two_steps",
        name -> state.read(StateDict.momentum(graph), name));

    assertLoss(2, graph.score(batch, true) - graph.calcRegularizationScore(true));
  }

  /** Compares the gradients before the updater takes them; DL4J's are sums over the batch. */
  @RequiredArgsConstructor
  private class GradientCheck extends BaseTrainingListener {
    private final StateDict state;
    private final long batchSize;

    @Override
    public void onGradientCalculation(Model graph) {
      StateDict.Table gradients = StateDict.gradients((ComputationGraph) graph);
      assertNorms(
          "gradient_l2_norms_first_step", name -> state.read(gradients, name).div(batchSize));
    }
  }

  private void assertLoss(int step, double actual) {
    double expected = golden.json().get("losses").get(step).asDouble();
    assertThat(actual).as("loss %d", step).isCloseTo(expected, within(TOLERANCE * expected));
  }

  private INDArray labels() {
    JsonNode labels = golden.json().get("labels");
    INDArray oneHot =
        Nd4j.zeros(DataType.DOUBLE, labels.size(), golden.json().get("classes").asInt());
    for (int i = 0; i < labels.size(); i++) {
      oneHot.putScalar(i, labels.get(i).asInt(), 1);
    }
    return oneHot;
  }

  private void assertNorms(String what, Function<String, INDArray> values) {
    JsonNode norms = golden.json().get(what);
    double largest = 0;
    for (JsonNode norm : norms) {
      largest = Math.max(largest, norm.get("value").asDouble());
    }
    double floor = 1e-4 * largest;
    assertThat(norms).isNotEmpty();
    norms
        .fields()
        .forEachRemaining(
            norm -> {
              double expected = norm.getValue().get("value").asDouble();
              assertThat(values.apply(norm.getKey()).norm2Number().doubleValue())
                  .as("%s: %s", what, norm.getKey())
                  .isCloseTo(expected, within(TOLERANCE * Math.max(expected, floor)));
            });
  }
}
