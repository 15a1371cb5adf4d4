package org.kerneldna.train.demo;

import java.nio.file.Path;
import java.util.List;
import lombok.RequiredArgsConstructor;
import lombok.extern.slf4j.Slf4j;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.EpochSummary;
import org.kerneldna.train.EvaluationResult;
import org.kerneldna.train.Evaluator;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.TrainingRun;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.report.Progress;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Trains a narrow ResNet-18 on the bundled images twice, static and with KernelDNA, by the same
 * recipe from the same seed, and compares the two.
 */
@Slf4j
@RequiredArgsConstructor
public final class Demo {

  /** Long enough for 80 % top-1, short enough for a coffee. */
  public static final Recipe RECIPE =
      Recipe.builder().epochs(7).warmupEpochs(1).lr(0.02).batchSize(32).build();

  private static final int IMAGE_SIZE = 28;
  private static final double WIDTH = 0.125;
  private static final int WORKERS = 2;
  private static final int SPEED_BATCH = 100;

  private final Recipe recipe;
  private final Path out;

  private record Trained(
      Checkpoint checkpoint, List<EpochSummary> history, EvaluationResult result) {

    ComputationGraph graph() {
      return checkpoint.graph();
    }
  }

  /**
   * Trains and measures both; the static network comes first. Images and checkpoints stay in the
   * output folder.
   */
  public List<DemoModel> run() {
    // So small a network keeps one thread busy; a second one only waits for it.
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    ImageDataset images = unpack();
    Trained plain = train(images, false);
    Trained kernelDna = train(images, true);
    double[] speeds =
        InferenceSpeed.compare(List.of(plain.graph(), kernelDna.graph()), IMAGE_SIZE, SPEED_BATCH);
    return List.of(summarize(plain, speeds[0]), summarize(kernelDna, speeds[1]));
  }

  private ImageDataset unpack() {
    Path folder = out.resolve("fashion-mini");
    FashionMini.unpack(folder);
    return ImageDataset.open(folder);
  }

  private Trained train(ImageDataset images, boolean customize) {
    ModelSpec model = new ModelSpec("resnet18", customize, IMAGE_SIZE, WIDTH, true);
    Card card = Card.untrained(model, recipe, images.classes());
    ComputationGraph graph = model.build(images.classes().size(), recipe);
    log.info("training {}, {} parameters", model.title(), graph.numParams());
    Path folder = out.resolve(customize ? "kerneldna" : "static");
    TrainingRun run =
        TrainingRun.builder()
            .start(new Checkpoint(graph, card))
            .data(images)
            .workers(WORKERS)
            .checkpoints(folder)
            .logs(folder)
            .printFrequency(0)
            .build();
    List<EpochSummary> history = run.run();
    return new Trained(new Checkpoint(graph, run.card()), history, evaluate(graph, card, images));
  }

  private static EvaluationResult evaluate(ComputationGraph graph, Card card, ImageDataset images) {
    ImagePipeline pipeline =
        new ImagePipeline(card.normalization(), IMAGE_SIZE, SPEED_BATCH, WORKERS);
    try (ImageBatches batches = pipeline.evaluation(images.val());
        Progress progress = Progress.start("evaluate", batches.count(), 0);
        Evaluator evaluator = new Evaluator(graph, card.classes())) {
      return evaluator.evaluate(batches, progress);
    }
  }

  private static DemoModel summarize(Trained trained, double inferenceImagesPerSecond) {
    return DemoModel.of(
        trained.checkpoint, trained.history, trained.result, inferenceImagesPerSecond);
  }
}
