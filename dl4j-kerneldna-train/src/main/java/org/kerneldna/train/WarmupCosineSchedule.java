package org.kerneldna.train;

import lombok.Value;
import lombok.With;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that changes with the epoch, or with every step: {@code lr * (n + 1) / warmup}
 * while warming up, then half a cosine from {@code lr} down towards {@code etaMin}; n counts epochs
 * or steps.
 */
@Value
public class WarmupCosineSchedule implements ISchedule {

  double lr;
  int epochs;
  int warmupEpochs;
  double etaMin;

  /** Steps of an epoch if the rate changes with every step; 0 if with every epoch. */
  @With int stepsPerEpoch;

  /**
   * @param lr the highest learning rate
   * @param epochs length of the whole training, warm-up included
   * @param warmupEpochs at least 0 and less than {@code epochs}
   * @param etaMin the rate that the cosine would reach at epoch {@code epochs}
   * @param stepsPerEpoch if the rate changes with every step; 0 if with every epoch
   */
  public WarmupCosineSchedule(
      @JsonProperty("lr") double lr,
      @JsonProperty("epochs") int epochs,
      @JsonProperty("warmupEpochs") int warmupEpochs,
      @JsonProperty("etaMin") double etaMin,
      @JsonProperty("stepsPerEpoch") int stepsPerEpoch) {
    this.lr = lr;
    this.epochs = epochs;
    this.warmupEpochs = warmupEpochs;
    this.etaMin = etaMin;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  /** A rate that changes with the epoch. */
  public WarmupCosineSchedule(double lr, int epochs, int warmupEpochs, double etaMin) {
    this(lr, epochs, warmupEpochs, etaMin, 0);
  }

  /**
   * @param iteration steps done, counted over all epochs
   * @param epoch epochs done
   */
  @Override
  public double valueAt(int iteration, int epoch) {
    return stepsPerEpoch == 0
        ? valueAt(epoch, warmupEpochs, epochs)
        : valueAt(iteration, (long) warmupEpochs * stepsPerEpoch, (long) epochs * stepsPerEpoch);
  }

  private double valueAt(int n, long warmup, long all) {
    if (n < warmup) {
      return lr * (n + 1) / warmup;
    }
    double progress = (double) (n - warmup) / (all - warmup);
    return etaMin + (lr - etaMin) / 2 * (1 + Math.cos(Math.PI * progress));
  }

  /** Itself, being immutable. */
  @Override
  public WarmupCosineSchedule clone() {
    return this;
  }
}
