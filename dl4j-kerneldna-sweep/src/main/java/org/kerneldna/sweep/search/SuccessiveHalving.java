package org.kerneldna.sweep.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Asynchronous successive halving (ASHA, arXiv 1810.05934): every candidate is trained for a few
 * epochs, one in {@code eta} of these goes on to {@code eta} times as many, and so on. Nobody waits
 * for a rung to be complete.
 *
 * @param rungs epochs done at each rung, rising
 * @param eta the factor from one rung to the next
 */
public record SuccessiveHalving(List<Integer> rungs, int eta) {

  /**
   * Rungs from {@code minEpochs} on, each {@code eta} times the one before, and a last one of
   * {@code maxEpochs}.
   *
   * @throws IllegalArgumentException if there is nothing to halve
   */
  public static SuccessiveHalving of(int minEpochs, int eta, int maxEpochs) {
    if (eta < 2) {
      throw new IllegalArgumentException("halving has eta: %d: give at least 2".formatted(eta));
    }
    if (minEpochs < 1 || minEpochs >= maxEpochs) {
      throw new IllegalArgumentException(
          "halving has min_epochs: %d: give 1 to %d, less than the epochs"
              .formatted(minEpochs, maxEpochs - 1));
    }
    List<Integer> rungs = new ArrayList<>();
    for (long epochs = minEpochs; epochs < maxEpochs; epochs *= eta) {
      rungs.add((int) epochs);
    }
    rungs.add(maxEpochs);
    return new SuccessiveHalving(List.copyOf(rungs), eta);
  }

  /**
   * A candidate that goes on.
   *
   * @param rung index of the rung that it goes on to
   */
  public record Promotion(int candidate, int rung) {}

  /**
   * Who goes on: from the highest rung that has somebody, the best that is among the first {@code
   * 1/eta} of those that finished the rung and has not gone on yet.
   *
   * @param finished by rung, the candidates that finished it, best first
   * @param begun by rung, the candidates that have begun it
   */
  public Optional<Promotion> promotion(List<List<Integer>> finished, List<Set<Integer>> begun) {
    for (int rung = rungs.size() - 2; rung >= 0; rung--) {
      List<Integer> here = finished.get(rung);
      Set<Integer> gone = begun.get(rung + 1);
      Optional<Integer> best =
          here.stream().limit(here.size() / eta).filter(c -> !gone.contains(c)).findFirst();
      if (best.isPresent()) {
        return Optional.of(new Promotion(best.get(), rung + 1));
      }
    }
    return Optional.empty();
  }
}
