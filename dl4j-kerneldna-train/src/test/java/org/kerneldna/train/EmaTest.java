package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class EmaTest {

  private final ComputationGraph graph = SmallGraph.create(16, 2, Recipe.of("resnet18"));

  private void step(Ema ema, int iteration) {
    graph.getConfiguration().setIterationCount(iteration);
    ema.update();
  }

  @Test
  void keepsTheShareOfTheMeanThatItIsTold() {
    graph.params().assign(1);
    Ema ema = new Ema(graph, 0.9, null);
    graph.params().assign(2);
    step(ema, 1000);
    assertThat(ema.mean().getDouble(0)).isCloseTo(1.1, within(1e-6));
    graph.params().assign(3);
    step(ema, 1001);
    assertThat(ema.mean().minNumber().doubleValue()).isCloseTo(1.29, within(1e-6));
    assertThat(ema.mean().maxNumber().doubleValue()).isCloseTo(1.29, within(1e-6));
  }

  /** The share of the start is 2/11 * 3/12 * ... * (n + 1)/(n + 10) = 10! (n + 1)! / (n + 10)!. */
  @Test
  void soonForgetsTheParametersAtTheStart() {
    graph.params().assign(1);
    Ema ema = new Ema(graph, 0.9999, null);
    graph.params().assign(0);
    step(ema, 1);
    assertThat(ema.mean().getDouble(0)).isCloseTo(2 / 11.0, within(1e-7));
    step(ema, 2);
    assertThat(ema.mean().getDouble(0)).isCloseTo(1 / 22.0, within(1e-7));
    for (int n = 3; n <= 20; n++) {
      step(ema, n);
    }
    // 10! / (22 * 23 * ... * 30)
    assertThat(ema.mean().getDouble(0)).isCloseTo(3628800 / 5191778592000.0, within(1e-11));
  }

  @Test
  void theMeanOfConstantParametersIsThoseParameters() {
    float[] parameters = graph.params().dup().data().asFloat();
    Ema ema = new Ema(graph, 0.9999, null);
    for (int n = 1; n <= 200; n++) {
      step(ema, n);
    }
    step(ema, 1_000_000);
    assertThat(ema.mean().dup().data().asFloat()).isEqualTo(parameters);
  }

  @Test
  void lendsTheMeanToTheGraphAndGivesItsParametersBack() {
    INDArray parameters = graph.params().dup();
    Ema ema = new Ema(graph, 0.9, parameters.mul(2));
    INDArray lent = ema.inPlace(() -> graph.getParam("conv_W").dup());
    assertThat(lent).isEqualTo(graph.getParam("conv_W").mul(2));
    assertThat(graph.params()).isEqualTo(parameters);
  }
}
