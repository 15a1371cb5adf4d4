package org.kerneldna.train.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.kerneldna.train.bench.BenchResult.Measured;

/**
 * All competitors on one network and batch size.
 *
 * @param mode what was timed
 * @param arch name of the architecture
 * @param batchSize images of a batch
 * @param results in the order of {@link Competitor}
 */
public record BenchRow(Mode mode, String arch, int batchSize, List<BenchResult> results) {

  /**
   * @param milliseconds at least one of each; DL4J's layers with helpers and every static twin are
   *     among them
   * @param macs multiply-accumulates of one image
   * @param helpers layers with helpers
   */
  static BenchRow of(
      Mode mode,
      String arch,
      int batchSize,
      Map<Competitor, double[]> milliseconds,
      ToLongFunction<Competitor> macs,
      ToLongFunction<Competitor> helpers) {
    Map<Competitor, Measured> all = new EnumMap<>(Competitor.class);
    milliseconds.forEach((who, ms) -> all.put(who, new Measured(ms, macs.applyAsLong(who))));
    List<BenchResult> results =
        all.keySet().stream()
            .map(
                who ->
                    BenchResult.of(
                        who,
                        helpers.applyAsLong(who),
                        batchSize,
                        all.get(who),
                        all.get(Competitor.REFERENCE),
                        all.get(who.onnxTwin()),
                        all.get(who.staticTwin())))
            .toList();
    return new BenchRow(mode, arch, batchSize, results);
  }
}
