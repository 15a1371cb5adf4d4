package org.kerneldna.sweep.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import lombok.RequiredArgsConstructor;

/**
 * Which of some things are better: those with a higher score, or, if they cost something, first
 * those on the Pareto front, then those on the front of the others, and so on (non-dominated
 * sorting, as in NSGA-II); on one front those with a higher score.
 */
@RequiredArgsConstructor
public final class Ranking<T> {

  private final ToDoubleFunction<T> score;

  /** Shall be low; constant if nothing is weighed against the score. */
  private final ToDoubleFunction<T> cost;

  /** The best first; of equals the first stays first. */
  public List<T> bestFirst(Collection<T> things) {
    List<T> ranked = new ArrayList<>();
    List<T> left = new ArrayList<>(things);
    while (!left.isEmpty()) {
      List<T> front = front(left);
      left.removeAll(front);
      front.sort(Comparator.comparingDouble(score).reversed());
      ranked.addAll(front);
    }
    return ranked;
  }

  /** Those that none other dominates: none is as good in both and better in one. */
  public List<T> front(Collection<T> things) {
    List<T> front = new ArrayList<>();
    for (T thing : things) {
      if (things.stream().noneMatch(other -> dominates(other, thing))) {
        front.add(thing);
      }
    }
    return front;
  }

  private boolean dominates(T one, T other) {
    double better = score.applyAsDouble(one) - score.applyAsDouble(other);
    double cheaper = cost.applyAsDouble(other) - cost.applyAsDouble(one);
    return better >= 0 && cheaper >= 0 && (better > 0 || cheaper > 0);
  }
}
