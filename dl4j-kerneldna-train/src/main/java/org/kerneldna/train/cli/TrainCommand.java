package org.kerneldna.train.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.CheckpointFolder;
import org.kerneldna.train.EpochSummary;
import org.kerneldna.train.LayerTimes;
import org.kerneldna.train.LayerTimes.LayerTime;
import org.kerneldna.train.TrainingRun;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.LogFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network on images, from the start, from a checkpoint or from a network. */
@Slf4j
@Command(
    name = "train",
    description = {
      "Train a network on images.",
      "Interrupted at any moment, it goes on exactly with --resume auto."
    })
final class TrainCommand implements Runnable {

  @Mixin private DataOptions data;
  @Mixin private StartOptions start;

  @Option(
      names = "--keep",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Checkpoints that stay beside best.zip: the last N.")
  private int keep = 2;

  @Option(
      names = "--save-every",
      paramLabel = "STEPS",
      defaultValue = "500",
      description = "Steps of an epoch from one checkpoint to the next; 0: whole epochs only.")
  private int saveEvery;

  @Option(
      names = {"--log-dir", "--log_dir"},
      paramLabel = "DIR",
      description =
          "Folder for summary.csv, report.html and log.txt. Default: that of the checkpoints.")
  private Path logs;

  @Option(
      names = "--time-limit",
      paramLabel = "MINUTES",
      defaultValue = "0",
      description = "Save and stop after so long, as at SIGTERM; 0: no limit.")
  private double timeLimit;

  @Option(
      names = "--profile",
      paramLabel = "STEPS",
      defaultValue = "0",
      description =
          "Print how long each layer takes, as a mean of so many steps, and train nothing.")
  private int profile;

  @Option(
      names = "--ui",
      paramLabel = "PORT",
      arity = "0..1",
      fallbackValue = "9000",
      converter = Numbers.Port.class,
      description = "Show DL4J's page of the training in a browser, at this port or at 9000.")
  private Integer uiPort;

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
      boolean done,
      int epochs,
      double bestTop1,
      String latest,
      String best,
      List<EpochSummary> history) {}

  @Override
  public void run() {
    Backend.log();
    ImageDataset images = data.open();
    Checkpoint checkpoint = start.start(images);
    if (profile > 0) {
      profile(checkpoint, images);
    } else {
      train(checkpoint, images);
    }
  }

  private void train(Checkpoint checkpoint, ImageDataset images) {
    Path folder = start.folder(checkpoint.card().model());
    Path logFolder = logs == null ? folder : logs;
    try (LogFile logFile = new LogFile(logFolder);
        StopRequest stop = new StopRequest(timeLimit);
        TrainingUi ui = uiPort == null ? null : new TrainingUi(checkpoint.graph(), uiPort)) {
      log.info("{}", describe(checkpoint, images));
      TrainingRun run =
          TrainingRun.builder()
              .start(checkpoint)
              .data(images)
              .workers(data.workers())
              .maxBad(data.maxBad())
              .checkpoints(folder)
              .keep(keep)
              .saveEvery(saveEvery)
              .logs(logFolder)
              .printFrequency(pass.printFrequency())
              .stop(stop)
              .build();
      report(run, run(run, folder), checkpoint.complexity(), folder);
    }
  }

  private static List<EpochSummary> run(TrainingRun run, Path folder) {
    try {
      return run.run();
    } catch (InputException e) {
      log.error("{}", e.getMessage());
      CheckpointFolder.newestFile(folder)
          .ifPresent(latest -> log.info("the last checkpoint is {}", latest));
      throw e;
    }
  }

  private void profile(Checkpoint checkpoint, ImageDataset images) {
    Card card = checkpoint.card();
    ImagePipeline pipeline =
        new ImagePipeline(
            card.normalization(),
            card.model().imageSize(),
            card.recipe().microBatchSize(),
            data.workers());
    try (ImageBatches batches = pipeline.training(images.train(), card.recipe().seedAt(0))) {
      List<LayerTime> times = LayerTimes.measure(checkpoint.graph(), batches, profile);
      spec.commandLine().getOut().printf("%s", LayerTimes.table(times));
    }
  }

  private static String describe(Checkpoint start, ImageDataset images) {
    Complexity complexity = start.complexity();
    return "%s: %,d parameters, %,d MACs; %d classes, %d training and %d validation images; %d of %d epochs done"
        .formatted(
            start.card().model().title(),
            complexity.parameters(),
            complexity.macs(),
            images.classes().size(),
            images.train().size(),
            images.val().size(),
            start.card().epoch(),
            start.card().recipe().epochs());
  }

  private void report(
      TrainingRun run, List<EpochSummary> history, Complexity complexity, Path folder) {
    Path latest = folder.resolve(CheckpointFolder.LATEST);
    Path best = folder.resolve(CheckpointFolder.BEST);
    Card card = run.card();
    PrintWriter out = spec.commandLine().getOut();
    if (card.epoch() > 0) {
      out.printf(
          "best top-1 %.2f %% after %d epochs, in %s%n", card.bestTop1(), card.epoch(), best);
    }
    if (!run.isDone()) {
      out.printf(
          "stopped after %d epochs and %d steps; go on with:%n  %s --resume=%s%n",
          card.epoch(),
          card.progress().step(),
          SameCommand.of(spec.commandLine().getParseResult(), StartOptions.PLACES),
          SameCommand.quoted(latest.toString()));
    }
    json.write(
        new Report(
            card.model().arch(),
            card.model().customize(),
            card.model().adapted(),
            complexity.parameters(),
            complexity.macs(),
            run.isDone(),
            card.epoch(),
            card.bestTop1(),
            latest.toString(),
            best.toString(),
            history));
  }
}
