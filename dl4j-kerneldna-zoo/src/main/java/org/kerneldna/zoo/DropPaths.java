package org.kerneldna.zoo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.kerneldna.layers.DropPath;

/**
 * The stochastic depth (arXiv 1603.09382) of a network: the rates of its residual branches rise
 * linearly in the order in which they are added, from 0 for the first.
 */
final class DropPaths {

  private final double lastRate;
  private final List<DropPath> branches = new ArrayList<>();

  /**
   * @param lastRate probability of dropping the last branch in training, in [0, 1)
   */
  DropPaths(double lastRate) {
    this.lastRate = lastRate;
  }

  /** The layer that drops the next branch; nothing if that is never dropped. */
  Optional<DropPath> next() {
    DropPath branch = new DropPath.Builder(lastRate).build();
    branches.add(branch);
    spread();
    return lastRate > 0 && branches.size() > 1 ? Optional.of(branch) : Optional.empty();
  }

  /** Makes the branch that is the last so far that of the last rate. */
  private void spread() {
    int last = branches.size() - 1;
    for (int i = 1; i <= last; i++) {
      branches.get(i).setRate(lastRate * i / last);
    }
  }
}
