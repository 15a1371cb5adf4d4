package org.kerneldna.train.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What to know when reading the figures of a bench. */
record Notes(boolean training, List<Integer> batchSizes, int threads, Machine machine) {

  /** Those that hold for all rows, a line each. */
  List<String> general() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "All competitors take turns, round by round; %s, the slow one, takes part in every %dth round, and in one to warm up"
            .formatted(Competitor.STOCK, Competitor.STOCK.getEvery()));
    notes.add(
        "%s: DL4J's own layers, as DL4J comes; %s: their convolutions, depthwise ones apart, and normalisations by LayerHelpers; %s: the same, channels last"
            .formatted(Competitor.STOCK, Competitor.STOCK_ONEDNN, Competitor.STOCK_ONEDNN_NHWC));
    notes.add(
        "ONNX Runtime %s, %d threads, on the files that export --format onnx writes"
            .formatted(OnnxRuntimeNetwork.version(), threads));
    if (training && batchSizes.contains(1)) {
      notes.add("No training on batches of 1: batch normalisation of a gate needs several images");
    }
    if (threads < machine.processors() && !machine.os().equals("Linux")) {
      notes.add(
          "Compiled networks may use all %d processors: only on Linux do they share ND4J's threads"
              .formatted(machine.processors()));
    }
    return List.copyOf(notes);
  }

  /**
   * That of an architecture.
   *
   * @param kept see {@link StockTwin#kept}
   */
  static Optional<String> kept(String arch, Set<String> kept) {
    return Optional.of(kept)
        .filter(names -> !names.isEmpty())
        .map(
            names ->
                "DL4J has none of these, so its %s has this library's: %s"
                    .formatted(arch, String.join(", ", names)));
  }
}
