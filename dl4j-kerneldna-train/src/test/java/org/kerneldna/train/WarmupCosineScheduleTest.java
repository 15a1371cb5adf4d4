package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.junit.jupiter.api.Test;
import org.kerneldna.layers.MomentumSgd;

class WarmupCosineScheduleTest {

  private final WarmupCosineSchedule schedule = new WarmupCosineSchedule(0.1, 90, 5, 0.001);

  private double at(int epoch) {
    return schedule.valueAt(12345, epoch);
  }

  @Test
  void risesLinearlyThenFallsAlongACosine() {
    assertThat(at(0)).isCloseTo(0.02, within(1e-12));
    assertThat(at(3)).isCloseTo(0.08, within(1e-12));
    assertThat(at(4)).isCloseTo(0.1, within(1e-12));
    assertThat(at(5)).isCloseTo(0.1, within(1e-12));
    assertThat(at(5 + 17))
        .isCloseTo(0.001 + 0.099 / 2 * (1 + Math.cos(Math.PI / 5)), within(1e-12));
    assertThat(at(90)).isCloseTo(0.001, within(1e-12));
  }

  @Test
  void withoutWarmupStartsAtTheTop() {
    assertThat(new WarmupCosineSchedule(0.1, 90, 0, 0).valueAt(0, 0)).isEqualTo(0.1);
    assertThat(new WarmupCosineSchedule(0.1, 90, 0, 0).valueAt(0, 45))
        .isCloseTo(0.05, within(1e-12));
  }

  @Test
  void survivesTheJsonOfANetwork() {
    Recipe recipe =
        Recipe.builder().epochs(90).warmupEpochs(5).lr(0.1).batchSize(256).etaMin(0.001).build();
    String json = SmallGraph.create(16, 3, recipe).getConfiguration().toJson();
    var layer = ComputationGraphConfiguration.fromJson(json).getVertices().get("conv");
    var conv = (org.deeplearning4j.nn.conf.graph.LayerVertex) layer;
    var updater = (MomentumSgd) ((BaseLayer) conv.getLayerConf().getLayer()).getIUpdater();
    assertThat(updater.getLearningRateSchedule()).isEqualTo(schedule);
    assertThat(updater.getMomentum()).isEqualTo(0.9);
  }
}
