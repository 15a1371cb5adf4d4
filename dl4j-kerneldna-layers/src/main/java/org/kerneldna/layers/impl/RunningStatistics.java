package org.kerneldna.layers.impl;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lombok.RequiredArgsConstructor;
import lombok.experimental.Delegate;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The options by which DL4J trains a layer, with the changes of its running statistics. Such
 * changes are no gradients: gradient normalisation and clipping must neither count nor alter them.
 * So the gradient has zeros in their place, and they are applied later, where DL4J adds
 * regularisation.
 *
 * <p>Several backward passes before one step change the statistics by the mean of their changes. A
 * step that was given up since its gradient was no number leaves nothing behind.
 */
@RequiredArgsConstructor
final class RunningStatistics implements TrainingConfig {

  private interface Overridden {
    List<Regularization> getRegularizationByParam(String key);
  }

  @Delegate(excludes = Overridden.class)
  private final TrainingConfig options;

  private final Map<String, Change> changes = new HashMap<>();

  /** Takes the change of the statistic called {@code key} from {@code gradient}. */
  void setAside(String key, INDArray gradient) {
    changes.computeIfAbsent(key, unknown -> new Change()).add(gradient);
    gradient.assign(0);
  }

  @Override
  public List<Regularization> getRegularizationByParam(String key) {
    Change change = changes.get(key);
    return change == null ? options.getRegularizationByParam(key) : List.of(change);
  }

  /** What is to be subtracted from a statistic at the next step. */
  private static final class Change implements Regularization {

    private transient INDArray sum;
    private int passes;

    void add(INDArray change) {
      if (sum == null) {
        try (MemoryWorkspace outlives = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
          sum = change.dup();
        }
      } else if (passes == 0 || !isFinite()) {
        sum.assign(change);
        passes = 0;
      } else {
        sum.addi(change);
      }
      passes++;
    }

    private boolean isFinite() {
      return Arrays.stream(Dense.doubles(sum)).allMatch(Double::isFinite);
    }

    @Override
    public ApplyStep applyStep() {
      return ApplyStep.POST_UPDATER;
    }

    @Override
    public void apply(INDArray param, INDArray gradient, double lr, int iteration, int epoch) {
      if (passes > 0) {
        gradient.assign(passes == 1 ? sum : sum.divi(passes));
        passes = 0;
      }
    }

    /** Statistics are no part of the loss. */
    @Override
    public double score(INDArray param, int iteration, int epoch) {
      return 0;
    }

    @Override
    public Regularization clone() {
      return this;
    }
  }
}
