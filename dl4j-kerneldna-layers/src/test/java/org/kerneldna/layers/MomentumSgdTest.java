package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** The updater against PyTorch's recurrence, written out. */
class MomentumSgdTest {

  private static final double MOMENTUM = 0.9;
  private static final DataSet DATA = Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, 5);
  private static final MapSchedule SCHEDULE =
      new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.3, 2, 0.05));

  @Test
  void fixedLearningRate() {
    assertFollows(conf(new MomentumSgd(0.2, MOMENTUM)), step -> 0.2);
  }

  @Test
  void schedule() {
    assertFollows(conf(new MomentumSgd(SCHEDULE, MOMENTUM)), step -> step < 2 ? 0.3 : 0.05);
  }

  /**
   * One parameter, 1 at first, of the loss p^2 / 2 with weight decay 0.5, whose gradient is 1.5 p;
   * momentum 0.5, learning rate 0.1, worked out by hand:
   *
   * <pre>
   * v = 0.5 v + 1.5 p;   p -= 0.1 (1.5 p + 0.5 v)
   * v = 1.5              p = 1 - 0.1 (1.5 + 0.75) = 0.775
   * v = 1.9125           p = 0.775 - 0.1 (1.1625 + 0.95625) = 0.563125
   * v = 1.8009375        p = 0.563125 - 0.1 (0.8446875 + 0.90046875) = 0.388609375
   * </pre>
   */
  @Test
  void nesterovByHand() {
    MomentumSgd config = new MomentumSgd(SCHEDULE, 0.5, true);
    config.setLrAndSchedule(0.1, null);
    INDArray v = Nd4j.createFromArray(0.0);
    GradientUpdater<?> updater = config.clone().instantiate(Map.of("V", v), false);
    double p = 1;
    double[] buffers = {1.5, 1.9125, 1.8009375};
    double[] parameters = {0.775, 0.563125, 0.388609375};
    for (int step = 0; step < 3; step++) {
      INDArray gradient = Nd4j.createFromArray(1.5 * p);
      updater.applyUpdater(gradient, step, 0);
      p -= gradient.getDouble(0);
      assertThat(v.getDouble(0)).isCloseTo(buffers[step], within(1e-15));
      assertThat(p).isCloseTo(parameters[step], within(1e-15));
    }
  }

  @Test
  void nesterovInANetworkWithWeightDecayAndASchedule() {
    double decay = 0.1;
    ComputationGraph net =
        Nets.init(conf(new MomentumSgd(SCHEDULE, MOMENTUM, true), new L2Regularization(decay)));
    INDArray parameters = net.params().dup();
    INDArray v = parameters.ulike().assign(0);
    for (int step = 0; step < 5; step++) {
      INDArray gradient = Nets.gradient(net, DATA).divi(DATA.numExamples());
      gradient.addi(parameters.mul(decay));
      v.muli(MOMENTUM).addi(gradient);
      parameters.subi(gradient.add(v.mul(MOMENTUM)).mul(step < 2 ? 0.3 : 0.05));
      net.fit(DATA);
      Nets.assertClose(net.params(), parameters, 1e-12);
    }
  }

  @Test
  void aConfigurationOfBeforeThereWasNesterov() {
    String today = conf(new MomentumSgd(0.2, 0.8)).toJson();
    String old = today.replaceAll(",\\s*\"nesterov\"\\s*:\\s*false", "");
    assertThat(old).isNotEqualTo(today);
    assertThat(ComputationGraphConfiguration.fromJson(old))
        .isEqualTo(conf(new MomentumSgd(0.2, 0.8)));
  }

  @Test
  void json() {
    for (IUpdater updater :
        new IUpdater[] {
          new MomentumSgd(0.2, 0.8),
          new MomentumSgd(SCHEDULE, 0.8),
          new MomentumSgd(SCHEDULE, 0.8, true)
        }) {
      ComputationGraphConfiguration conf = conf(updater);
      assertThat(ComputationGraphConfiguration.fromJson(conf.toJson())).isEqualTo(conf);
      assertThat(ComputationGraphConfiguration.fromYaml(conf.toYaml())).isEqualTo(conf);
    }
    assertFollows(
        ComputationGraphConfiguration.fromJson(conf(new MomentumSgd(SCHEDULE, 0.9)).toJson()),
        step -> step < 2 ? 0.3 : 0.05);
  }

  @Test
  void learningRateCanBeSetInBetween() {
    ComputationGraph net = Nets.init(conf(new MomentumSgd(SCHEDULE, MOMENTUM)));
    net.setLearningRate(0.01);
    assertThat(net.getLearningRate("layer")).isEqualTo(0.01);
    assertFollows(net, step -> 0.01);

    net.setLearningRate(SCHEDULE);
    assertThat(net.getLearningRate("layer")).isEqualTo(0.05);
  }

  @Test
  void stateIsOneNumberPerParameterAndMayBeGiven() {
    MomentumSgd config = new MomentumSgd(0.5, MOMENTUM);
    assertThat(config.stateSize(17)).isEqualTo(17);

    Map<String, INDArray> state = Map.of("V", Nd4j.createFromArray(1.0, 2.0));
    GradientUpdater<?> updater = config.instantiate(state, false);
    INDArray gradient = Nd4j.createFromArray(0.1, 0.2);
    updater.applyUpdater(gradient, 0, 0);
    assertThat(gradient).isEqualTo(Nd4j.createFromArray(0.5, 1.0));
    assertThat(updater.getState().get("V")).isEqualTo(Nd4j.createFromArray(1.0, 2.0));

    assertThatIllegalStateException()
        .isThrownBy(() -> config.instantiate(Map.of("M", gradient), false))
        .withMessageContainingAll("V", "[M]");
  }

  private static void assertFollows(
      ComputationGraphConfiguration conf, IntToDoubleFunction learningRate) {
    assertFollows(Nets.init(conf), learningRate);
  }

  private static void assertFollows(ComputationGraph net, IntToDoubleFunction learningRate) {
    INDArray parameters = net.params().dup();
    INDArray v = parameters.ulike().assign(0);
    for (int step = 0; step < 5; step++) {
      INDArray gradient = Nets.gradient(net, DATA).divi(DATA.numExamples());
      v.muli(MOMENTUM).addi(gradient);
      parameters.subi(v.mul(learningRate.applyAsDouble(step)));
      net.fit(DATA);
      Nets.assertClose(net.params(), parameters, 1e-12);
    }
  }

  /** A classifier whose parameters all learn. */
  private static ComputationGraphConfiguration conf(
      IUpdater updater, Regularization... regularization) {
    NeuralNetConfiguration.Builder options = Nets.options(DataType.DOUBLE).updater(updater);
    options.setRegularization(List.of(regularization));
    options.setRegularizationBias(List.of(regularization));
    return Nets.graph(options, CNN2DFormat.NCHW)
        .addLayer("layer", Nets.parent().hasBias(true).build(), "in")
        .addLayer("pool", new GlobalPoolingLayer(), "layer")
        .addLayer("out", Nets.output().build(), "pool")
        .setOutputs("out")
        .build();
  }
}
