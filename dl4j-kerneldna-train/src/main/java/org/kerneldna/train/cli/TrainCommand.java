package org.kerneldna.train.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.EpochSummary;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.TrainingRun;
import org.kerneldna.train.data.Augmentation;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.Complexity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a network on a folder of images, from the start, from a checkpoint or from a network. */
@Slf4j
@Command(
    name = "train",
    description = {
      "Train a network on images laid out as ImageNet is.",
      "Interrupted at any moment, it goes on exactly with --resume DIR/latest.zip."
    })
final class TrainCommand implements Runnable {

  private static final String DEFAULT_ARCH = "resnet18";

  @Mixin private DataOptions data;
  @Mixin private ModelOptions model;
  @Mixin private RecipeOptions recipe;

  @Option(
      names = "--resume",
      paramLabel = "FILE",
      description = "Checkpoint to go on from; it tells network and recipe.")
  private Path resume;

  @Option(
      names = "--pretrained",
      paramLabel = "FILE",
      description =
          "Checkpoint whose network to start from, by a new recipe; it tells which network it is.")
  private Path pretrained;

  @Option(
      names = {"--ckpt-dir", "--ckpt_dir"},
      paramLabel = "DIR",
      description =
          "Folder for latest.zip and best.zip. Default: that of --resume, else runs/<network>.")
  private Path checkpoints;

  @Option(
      names = {"--log-dir", "--log_dir"},
      paramLabel = "DIR",
      description = "Folder for summary.csv. Default: that of the checkpoints.")
  private Path logs;

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
      int epochs,
      double bestTop1,
      String latest,
      String best,
      List<EpochSummary> history) {}

  @Override
  public void run() {
    Backend.log();
    requireOneStart();
    Augmentation augmentation = Usable.options(spec, data::augmentation);
    ImageDataset images = data.open();
    Checkpoint start = start(images);
    Path folder = checkpointFolder(start.card().model());
    log.info("{}", describe(start, images));
    TrainingRun run =
        TrainingRun.builder()
            .start(start)
            .data(images)
            .workers(data.workers())
            .augmentation(augmentation)
            .maxBad(data.maxBad())
            .checkpoints(folder)
            .logs(logs == null ? folder : logs)
            .printFrequency(pass.printFrequency())
            .build();
    report(run.run(), new Checkpoint(start.graph(), run.card()), folder);
  }

  private void requireOneStart() {
    if (pretrained != null && (resume != null || !model.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(),
          "--pretrained tells which network to train: leave out "
              + (resume != null
                  ? "--resume, or it to go on with an interrupted training"
                  : "--arch, --customize, --image-size, --width and --small-stem"));
    }
  }

  private Checkpoint start(ImageDataset images) {
    if (resume != null) {
      return resume(images);
    }
    return pretrained != null ? restart(images) : create(images);
  }

  private Checkpoint create(ImageDataset images) {
    ModelSpec model = Usable.options(spec, () -> this.model.orDefaults(DEFAULT_ARCH));
    Recipe recipe = Usable.options(spec, () -> this.recipe.over(Recipe.of(model.arch())));
    Card card = Card.untrained(model, recipe, images.classes());
    return new Checkpoint(model.build(images.classes().size(), recipe), card);
  }

  private Checkpoint restart(ImageDataset images) {
    Checkpoint checkpoint = Checkpoint.load(pretrained);
    Card card = checkpoint.card();
    ImageDataset.requireSameClasses(card.classes(), pretrained.toString(), images.train());
    Recipe recipe = Usable.options(spec, () -> this.recipe.over(Recipe.of(card.model().arch())));
    recipe.applyTo(checkpoint.graph());
    return new Checkpoint(checkpoint.graph(), card.restartedBy(recipe));
  }

  private Checkpoint resume(ImageDataset images) {
    Checkpoint checkpoint = Checkpoint.load(resume);
    Card card = checkpoint.card();
    requireSame(Usable.options(spec, () -> model.over(card.model())), card.model());
    requireSame(Usable.options(spec, () -> recipe.over(card.recipe())), card.recipe());
    ImageDataset.requireSameClasses(card.classes(), resume.toString(), images.train());
    return checkpoint;
  }

  private void requireSame(Record given, Record stored) {
    if (!given.equals(stored)) {
      throw new InputException(
          "%s goes on with %s and not with %s: leave out the options that differ, or start without --resume"
              .formatted(resume, stored, given));
    }
  }

  private Path checkpointFolder(ModelSpec model) {
    Path folder =
        checkpoints != null
            ? checkpoints
            : resume != null ? resume.toAbsolutePath().getParent() : defaultFolder(model);
    if (resume == null && Files.exists(folder.resolve(TrainingRun.LATEST))) {
      throw new InputException(
          "%s exists already: go on with --resume, or give another --ckpt-dir"
              .formatted(folder.resolve(TrainingRun.LATEST)));
    }
    return folder;
  }

  private static Path defaultFolder(ModelSpec model) {
    return Path.of("runs", model.title().replace(' ', '-').toLowerCase(Locale.ROOT));
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

  private void report(List<EpochSummary> history, Checkpoint end, Path folder) {
    Path latest = folder.resolve(TrainingRun.LATEST);
    Path best = folder.resolve(TrainingRun.BEST);
    Card card = end.card();
    Complexity complexity = end.complexity();
    spec.commandLine()
        .getOut()
        .printf("best top-1 %.2f %% after %d epochs, in %s%n", card.bestTop1(), card.epoch(), best);
    json.write(
        new Report(
            card.model().arch(),
            card.model().customize(),
            card.model().adapted(),
            complexity.parameters(),
            complexity.macs(),
            card.epoch(),
            card.bestTop1(),
            latest.toString(),
            best.toString(),
            history));
  }
}
