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
    List<T> left = sorted(things);
    while (!left.isEmpty()) {
      List<T> dominated = new ArrayList<>();
      ranked.addAll(frontOfSorted(left, dominated));
      left = dominated;
    }
    return ranked;
  }

  /** Those that none other dominates, being as good in both and better in one; best score first. */
  public List<T> front(Collection<T> things) {
    return frontOfSorted(sorted(things), new ArrayList<>());
  }

  /** The best score first, of equals the cheapest. */
  private List<T> sorted(Collection<T> things) {
    return things.stream()
        .sorted(Comparator.comparingDouble(score).reversed().thenComparingDouble(cost))
        .toList();
  }

  private List<T> frontOfSorted(List<T> sorted, List<T> dominated) {
    List<T> front = new ArrayList<>();
    for (T thing : sorted) {
      // The last on the front is the cheapest so far, and has at least this score.
      T last = front.isEmpty() ? null : front.get(front.size() - 1);
      boolean on = last == null || isCheaper(thing, last) || isEqual(thing, last);
      (on ? front : dominated).add(thing);
    }
    return front;
  }

  private boolean isCheaper(T one, T other) {
    return cost.applyAsDouble(one) < cost.applyAsDouble(other);
  }

  private boolean isEqual(T one, T other) {
    return score.applyAsDouble(one) == score.applyAsDouble(other)
        && cost.applyAsDouble(one) == cost.applyAsDouble(other);
  }
}
