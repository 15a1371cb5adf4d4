package org.kerneldna.train.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import lombok.Builder;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.ModelSpec;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares the speed of DL4J's own layers, this library's, compiled networks and the same in ONNX
 * Runtime: for every network, batch size and mode all {@link Competitor competitors} take turns in
 * one process. Needs {@code com.microsoft.onnxruntime:onnxruntime}, which does not come with this
 * library.
 */
@Slf4j
@Builder
public final class Bench {

  /** The gates' batch normalisation cannot train on less. */
  private static final int SMALLEST_TRAINING_BATCH = 2;

  /** The static networks, all for images of one size; KernelDNA goes by them. */
  private final List<ModelSpec> models;

  /** Images of a batch; those of 1 are not trained on. */
  private final List<Integer> batchSizes;

  /** Whether the training step is timed, too. Default: false. */
  private final boolean training;

  /** Threads of ONNX Runtime: as many as the native operations have. Default: a processor each. */
  @Builder.Default private final int threads = Runtime.getRuntime().availableProcessors();

  /** Rounds before those that count, at least 1. */
  private final int warmUp;

  /** Rounds that count, at least 1. */
  private final int rounds;

  private record Heat(ModelSpec model, int batchSize, Mode mode) {}

  /** Measures everything, with a line in the log before each row. */
  public BenchReport run() {
    Machine machine = Machine.here();
    List<Heat> heats = heats();
    List<BenchRow> rows = new ArrayList<>();
    Set<String> notes = new LinkedHashSet<>(general());
    for (Heat heat : heats) {
      log.info(
          "{}/{}: {} of {}, batch {}",
          rows.size() + 1,
          heats.size(),
          heat.mode,
          heat.model.arch(),
          heat.batchSize);
      rows.add(run(heat, notes));
      release();
    }
    return new BenchReport(
        machine, models.get(0).imageSize(), warmUp, rounds, List.copyOf(notes), rows);
  }

  private List<Heat> heats() {
    List<Heat> heats = new ArrayList<>();
    for (Mode mode : training ? Mode.values() : new Mode[] {Mode.INFERENCE}) {
      for (ModelSpec model : models) {
        batchSizes.stream()
            .filter(batch -> mode == Mode.INFERENCE || batch >= SMALLEST_TRAINING_BATCH)
            .forEach(batch -> heats.add(new Heat(model, batch, mode)));
      }
    }
    return heats;
  }

  private List<String> general() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "All competitors take turns, round by round; %s, the slow one, takes part in every %dth round"
            .formatted(Competitor.STOCK, Competitor.STOCK.getEvery()));
    notes.add(
        "%s: DL4J's own layers without layer helpers, as DL4J comes; %s: with them"
            .formatted(Competitor.STOCK, Competitor.STOCK_ONEDNN));
    notes.add(
        "ONNX Runtime %s, %d threads, on the files that export --format onnx writes"
            .formatted(OnnxRuntimeNetwork.version(), threads));
    if (training && batchSizes.contains(1)) {
      notes.add("No training on batches of 1: batch normalisation of a gate needs several images");
    }
    return notes;
  }

  private BenchRow run(Heat heat, Set<String> notes) {
    Contest contest = new Contest(heat.model);
    if (!contest.kept().isEmpty()) {
      notes.add(
          "DL4J has none of these, so its %s has this library's: %s"
              .formatted(heat.model.arch(), String.join(", ", contest.kept())));
    }
    return heat.mode == Mode.INFERENCE
        ? contest.inference(heat.batchSize, threads, warmUp, rounds)
        : contest.training(heat.batchSize, warmUp, rounds);
  }

  /** Lets go of the memory of networks that are done with, which lies outside of Java's heap. */
  private static void release() {
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    System.gc();
  }
}
