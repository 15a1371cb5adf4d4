package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.kerneldna.train.bench.PipelineBench;
import org.kerneldna.train.bench.PipelineBench.Report;
import org.kerneldna.train.bench.PipelineBench.Speed;
import org.kerneldna.train.data.ImageFolder;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.data.Normalization;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how fast images become batches. */
@Command(
    name = "pipeline",
    description =
        "Measure how fast images become training batches, beside DataVec's ImageRecordReader.")
final class PipelineCommand implements Runnable {

  @Parameters(paramLabel = "DATA", description = "Images as DATA/train/<class>/*.")
  private Path data;

  @Mixin private WorkersOption workers;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      defaultValue = "64",
      converter = Numbers.Positive.class,
      description = "Images a batch.")
  private int batchSize;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      defaultValue = "224",
      converter = Numbers.Positive.class,
      description = "Side of the batches' images.")
  private int imageSize;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "30",
      converter = Numbers.Positive.class,
      description = "How long to measure.")
  private int seconds;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    ImagePipeline pipeline =
        new ImagePipeline(Normalization.IMAGENET, imageSize, batchSize, workers.count());
    Report report =
        new PipelineBench(ImageFolder.open(data.resolve("train")), pipeline).run(seconds);
    print("training pipeline, %d workers".formatted(report.workers()), report.pipeline());
    print("DataVec's ImageRecordReader", report.datavec());
    spec.commandLine()
        .getOut()
        .printf(Locale.ROOT, "%.2f times as many images a second and core%n", report.ratio());
    json.write(report);
  }

  private void print(String who, Speed speed) {
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %.0f images/s, %.0f images/s a core%n",
            who,
            speed.imagesPerSecond(),
            speed.imagesPerCoreSecond());
  }
}
