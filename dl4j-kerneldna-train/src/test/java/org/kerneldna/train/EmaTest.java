package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class EmaTest {

  private final ComputationGraph graph = SmallGraph.create(16, 2, Recipe.of("resnet18"));

  @Test
  void keepsTheShareOfTheMeanThatItIsTold() {
    graph.params().assign(1);
    Ema ema = new Ema(graph, 0.9, null);
    graph.params().assign(2);
    ema.update();
    assertThat(ema.mean().getDouble(0)).isCloseTo(1.1, within(1e-6));
    graph.params().assign(3);
    ema.update();
    assertThat(ema.mean().minNumber().doubleValue()).isCloseTo(1.29, within(1e-6));
    assertThat(ema.mean().maxNumber().doubleValue()).isCloseTo(1.29, within(1e-6));
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
