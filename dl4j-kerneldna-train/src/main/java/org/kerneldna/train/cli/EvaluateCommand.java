package org.kerneldna.train.cli;

import java.nio.file.Path;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.EvaluationResult;
import org.kerneldna.train.Evaluator;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.data.ImageSource;
import org.kerneldna.train.report.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a checkpoint on a folder of validation images. */
@Command(
    name = "evaluate",
    description = "Measure a checkpoint's top-1 and top-5 on the validation images.")
final class EvaluateCommand implements Runnable {

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Checkpoint that 'train', 'adapt' or 'demo' wrote, such as best.zip.")
  private Path model;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description =
          "Images as DIR/val/<class>/*, DIR/val/*.tar or in DIR/val.txt, of the checkpoint's classes.")
  private Path data;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      defaultValue = "64",
      converter = Numbers.Positive.class,
      description = "Images at a time.")
  private int batchSize;

  @Mixin private WorkersOption workers;
  @Mixin private PassOptions pass;
  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  /** What {@code --json} writes. */
  private record Report(
      String arch,
      boolean customize,
      boolean adapted,
      long params,
      long macs,
      double top1,
      double top5,
      double loss,
      long images,
      int badImages,
      double imagesPerSecond) {}

  @Override
  public void run() {
    Backend.log();
    Checkpoint checkpoint = Checkpoint.load(model);
    ImageSource images =
        ImageDataset.open(data, "val").labelledBy(checkpoint.card().classes(), model.toString());
    report(checkpoint, evaluate(checkpoint, images));
  }

  private EvaluationResult evaluate(Checkpoint checkpoint, ImageSource images) {
    Card card = checkpoint.card();
    ImagePipeline pipeline =
        new ImagePipeline(
            card.normalization(), card.model().imageSize(), batchSize, workers.count());
    try (ImageBatches batches = pipeline.evaluation(images);
        Progress progress = Progress.start("evaluate", batches.count(), pass.printFrequency());
        Evaluator evaluator = new Evaluator(checkpoint.graph(), card.classes())) {
      return evaluator.evaluate(batches, progress);
    }
  }

  private void report(Checkpoint checkpoint, EvaluationResult result) {
    Complexity complexity = checkpoint.complexity();
    Card card = checkpoint.card();
    spec.commandLine()
        .getOut()
        .printf(
            "%s: top-1 %.2f %%, top-5 %.2f %%, loss %.4f (%d images, %d left out, %.0f images/s)%n",
            card.model().title(),
            result.top1(),
            result.top5(),
            result.loss(),
            result.images(),
            result.badImages(),
            result.imagesPerSecond());
    json.write(
        new Report(
            card.model().arch(),
            card.model().customize(),
            card.model().adapted(),
            complexity.parameters(),
            complexity.macs(),
            result.top1(),
            result.top5(),
            result.loss(),
            result.images(),
            result.badImages(),
            result.imagesPerSecond()));
  }
}
