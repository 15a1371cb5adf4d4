package org.kerneldna.layers.impl;

import java.util.Map;
import java.util.Set;
import lombok.Getter;
import org.kerneldna.layers.MomentumSgd;
import org.kerneldna.layers.math.MomentumStep;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;

/** Applies {@link MomentumSgd}; its state is the momentum buffer {@code V}. */
public class MomentumSgdUpdater implements GradientUpdater<MomentumSgd> {

  public static final String STATE = "V";

  @Getter private final MomentumSgd config;
  private INDArray v;

  public MomentumSgdUpdater(MomentumSgd config) {
    this.config = config;
  }

  @Override
  public void setState(Map<String, INDArray> state, boolean initialize) {
    if (!state.keySet().equals(Set.of(STATE))) {
      throw new IllegalStateException(
          "Momentum SGD's state has the one key " + STATE + ", got " + state.keySet());
    }
    v = state.get(STATE);
  }

  @Override
  public Map<String, INDArray> getState() {
    return Map.of(STATE, v);
  }

  @Override
  public void setStateViewArray(
      INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
    if (initialize) {
      viewArray.assign(0);
    }
    v = viewArray.reshape(gradientOrder, true, gradientShape);
  }

  @Override
  public void applyUpdater(INDArray gradient, int iteration, int epoch) {
    MomentumStep.apply(
        v,
        gradient,
        config.getMomentum(),
        config.isNesterov(),
        config.getLearningRate(iteration, epoch));
  }
}
