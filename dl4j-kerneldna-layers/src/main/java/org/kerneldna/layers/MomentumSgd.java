package org.kerneldna.layers;

import java.util.Map;
import lombok.Data;
import org.kerneldna.layers.impl.MomentumSgdUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Stochastic gradient descent with momentum as PyTorch's SGD has it (dampening 0):
 *
 * <pre>v = momentum * v + gradient;   parameter -= learningRate * v</pre>
 *
 * and with {@code nesterov}
 *
 * <pre>v = momentum * v + gradient;   parameter -= learningRate * (gradient + momentum * v)</pre>
 *
 * DL4J's own {@link org.nd4j.linalg.learning.config.Nesterovs} keeps the learning rate in its
 * buffer, and so differs where that changes. The learning rate follows a schedule where there is
 * one.
 */
@Data
public class MomentumSgd implements IUpdater {

  private double learningRate;
  private ISchedule learningRateSchedule;
  private double momentum;
  private boolean nesterov;

  public MomentumSgd(double learningRate, double momentum) {
    this(learningRate, null, momentum, false);
  }

  public MomentumSgd(ISchedule learningRateSchedule, double momentum) {
    this(learningRateSchedule, momentum, false);
  }

  /**
   * @param nesterov whether the step looks ahead, as Nesterov's does
   */
  public MomentumSgd(ISchedule learningRateSchedule, double momentum, boolean nesterov) {
    this(Double.NaN, learningRateSchedule, momentum, nesterov);
  }

  private MomentumSgd(
      @JsonProperty("learningRate") double learningRate,
      @JsonProperty("learningRateSchedule") ISchedule learningRateSchedule,
      @JsonProperty("momentum") double momentum,
      @JsonProperty("nesterov") boolean nesterov) {
    this.learningRate = learningRate;
    this.learningRateSchedule = learningRateSchedule;
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  @Override
  public long stateSize(long numParams) {
    return numParams;
  }

  @Override
  public GradientUpdater<?> instantiate(INDArray viewArray, boolean initializeViewArray) {
    MomentumSgdUpdater updater = new MomentumSgdUpdater(this);
    INDArray vector = viewArray.reshape('c', true, viewArray.length());
    updater.setStateViewArray(vector, vector.shape(), vector.ordering(), initializeViewArray);
    return updater;
  }

  @Override
  public GradientUpdater<?> instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    MomentumSgdUpdater updater = new MomentumSgdUpdater(this);
    updater.setState(updaterState, initializeStateArrays);
    return updater;
  }

  @Override
  public IUpdater clone() {
    return new MomentumSgd(learningRate, learningRateSchedule, momentum, nesterov);
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return learningRateSchedule == null
        ? learningRate
        : learningRateSchedule.valueAt(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  @Override
  public void setLrAndSchedule(double lr, ISchedule schedule) {
    this.learningRate = lr;
    this.learningRateSchedule = schedule;
  }
}
