package org.kerneldna.train;

import lombok.Value;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that changes with the epoch: {@code lr * (epoch + 1) / warmupEpochs} while
 * warming up, then half a cosine from {@code lr} down towards {@code etaMin}.
 */
@Value
public class WarmupCosineSchedule implements ISchedule {

  double lr;
  int epochs;
  int warmupEpochs;
  double etaMin;

  /**
   * @param lr the highest learning rate
   * @param epochs length of the whole training, warm-up included
   * @param warmupEpochs at least 0 and less than {@code epochs}
   * @param etaMin the rate that the cosine would reach at epoch {@code epochs}
   */
  public WarmupCosineSchedule(
      @JsonProperty("lr") double lr,
      @JsonProperty("epochs") int epochs,
      @JsonProperty("warmupEpochs") int warmupEpochs,
      @JsonProperty("etaMin") double etaMin) {
    this.lr = lr;
    this.epochs = epochs;
    this.warmupEpochs = warmupEpochs;
    this.etaMin = etaMin;
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    if (epoch < warmupEpochs) {
      return lr * (epoch + 1) / warmupEpochs;
    }
    double progress = (double) (epoch - warmupEpochs) / (epochs - warmupEpochs);
    return etaMin + (lr - etaMin) / 2 * (1 + Math.cos(Math.PI * progress));
  }

  /** Itself, being immutable. */
  @Override
  public WarmupCosineSchedule clone() {
    return this;
  }
}
