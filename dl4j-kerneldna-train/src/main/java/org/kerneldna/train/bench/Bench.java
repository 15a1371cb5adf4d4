package org.kerneldna.train.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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

  /** Threads of ONNX Runtime: as many as native operations have. Default: one a processor. */
  @Builder.Default private final int threads = Runtime.getRuntime().availableProcessors();

  /** Rounds before those that count, at least 1. */
  private final int warmUp;

  /** Rounds that count, at least 1. */
  private final int rounds;

  /** Gets the report after each row, with the rows so far. Default: does nothing. */
  @Builder.Default private final Consumer<BenchReport> onRow = report -> {};

  private record Heat(ModelSpec model, int batchSize, Mode mode) {}

  /** Measures everything, with a line in the log before each row. */
  public BenchReport run() {
    BenchReport report = empty();
    List<Heat> heats = heats();
    for (Heat heat : heats) {
      log.info(
          "{}/{}: {} of {}, batch {}",
          report.rows().size() + 1,
          heats.size(),
          heat.mode,
          heat.model.arch(),
          heat.batchSize);
      report = run(heat, report);
      onRow.accept(report);
      release();
    }
    return report;
  }

  private BenchReport empty() {
    Machine machine = Machine.here();
    return new BenchReport(
        machine,
        models.get(0).imageSize(),
        warmUp,
        rounds,
        new Notes(training, batchSizes, threads, machine).general(),
        List.of());
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

  private BenchReport run(Heat heat, BenchReport before) {
    Contest contest = new Contest(heat.model);
    BenchRow row =
        heat.mode == Mode.INFERENCE
            ? contest.inference(heat.batchSize, threads, warmUp, rounds)
            : contest.training(heat.batchSize, warmUp, rounds);
    return before.with(row, Notes.kept(heat.model.arch(), contest.kept()));
  }

  /** Lets go of the memory of networks that are done with, which lies outside of Java's heap. */
  private static void release() {
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    System.gc();
  }
}
