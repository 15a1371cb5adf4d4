package org.kerneldna.train.cli;

import static java.util.stream.Collectors.joining;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.CheckpointFolder;
import org.kerneldna.train.CheckpointFolder.Found;
import org.kerneldna.train.EpochSummary;
import org.kerneldna.train.LayerTimes;
import org.kerneldna.train.LayerTimes.LayerTime;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.RecipeFile;
import org.kerneldna.train.TrainingRun;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.Complexity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a network on a folder of images, from the start, from a checkpoint or from a network. */
@Slf4j
@Command(
    name = "train",
    description = {
      "Train a network on images laid out as ImageNet is.",
      "Interrupted at any moment, it goes on exactly with --resume auto."
    })
final class TrainCommand implements Runnable {

  private static final String DEFAULT_ARCH = "resnet18";
  private static final String AUTO = "auto";

  /** Options that say where to start. */
  private static final Set<String> STARTS = Set.of("--resume", "--pretrained");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "Images as DIR/train/<class>/* and DIR/val/<class>/*.")
  private Path data;

  @Mixin private ModelOptions model;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = "Network and recipe as YAML; options given beside it go before it.")
  private Path recipeFile;

  @Mixin private RecipeOptions recipe;

  @Option(
      names = "--resume",
      paramLabel = "FILE|auto",
      description =
          "Checkpoint to go on from; it tells network and recipe. 'auto': the newest of the "
              + "checkpoints' folder that is not damaged, or a start if there is none.")
  private String resume;

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
      names = "--keep",
      paramLabel = "N",
      converter = PassOptions.Positive.class,
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
    requireOneStart();
    ImageDataset images = ImageDataset.open(data);
    Checkpoint start = start(images);
    log.info("{}", describe(start, images));
    if (profile > 0) {
      profile(start, images);
    } else {
      train(start, images);
    }
  }

  private void train(Checkpoint start, ImageDataset images) {
    Path folder = checkpointFolder(start.card().model());
    Path logFolder = logs == null ? folder : logs;
    try (LogFile logFile = new LogFile(logFolder);
        StopRequest stop = new StopRequest(timeLimit);
        TrainingUi ui = uiPort == null ? null : new TrainingUi(start.graph(), uiPort)) {
      TrainingRun run =
          TrainingRun.builder()
              .start(start)
              .data(images)
              .workers(pass.workers())
              .checkpoints(folder)
              .keep(keep)
              .saveEvery(saveEvery)
              .logs(logFolder)
              .printFrequency(pass.printFrequency())
              .stop(stop)
              .build();
      List<EpochSummary> history = run.run();
      report(run, history, start.complexity(), folder);
    }
  }

  private void profile(Checkpoint start, ImageDataset images) {
    Card card = start.card();
    ImagePipeline pipeline =
        new ImagePipeline(
            card.normalization(),
            card.model().imageSize(),
            card.recipe().microBatchSize(),
            pass.workers());
    try (ImageBatches batches = pipeline.training(images.train(), card.recipe().seedAt(0))) {
      List<LayerTime> times = LayerTimes.measure(start.graph(), batches, profile);
      spec.commandLine().getOut().print(LayerTimes.table(times));
    }
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
    if (pretrained != null) {
      return restart(images);
    }
    return found().map(found -> resume(found, images)).orElseGet(() -> create(images));
  }

  private Optional<Found> found() {
    if (resume == null) {
      return Optional.empty();
    }
    if (resume.equals(AUTO)) {
      return CheckpointFolder.newest(
          checkpoints == null ? defaultFolder(Usable.options(spec, this::model)) : checkpoints);
    }
    Path file = Path.of(resume);
    return Optional.of(new Found(file, Checkpoint.load(file)));
  }

  private Checkpoint create(ImageDataset images) {
    ModelSpec model = Usable.options(spec, this::model);
    Recipe recipe = recipe(model);
    Card card = Card.untrained(model, recipe, images.classes());
    return new Checkpoint(model.build(images.classes().size(), recipe), card);
  }

  private Checkpoint restart(ImageDataset images) {
    Checkpoint checkpoint = Checkpoint.load(pretrained);
    Card card = checkpoint.card();
    ImageDataset.requireSameClasses(card.classes(), pretrained.toString(), images.train());
    Recipe recipe = recipe(card.model());
    recipe.applyTo(checkpoint.graph());
    return new Checkpoint(checkpoint.graph(), card.restartedBy(recipe));
  }

  private ModelSpec model() {
    return recipeFile == null
        ? model.orDefaults(DEFAULT_ARCH)
        : model.over(RecipeFile.read(recipeFile, model.archOr(DEFAULT_ARCH)).model());
  }

  private Recipe recipe(ModelSpec model) {
    Recipe defaults =
        recipeFile == null
            ? Recipe.of(model.arch())
            : RecipeFile.read(recipeFile, model.arch()).training();
    return Usable.options(spec, () -> recipe.over(defaults));
  }

  private Checkpoint resume(Found found, ImageDataset images) {
    log.info("goes on from {}", found.file());
    Card card = found.checkpoint().card();
    RecipeFile stored = new RecipeFile(card.model(), card.recipe());
    RecipeFile base =
        recipeFile == null ? stored : RecipeFile.read(recipeFile, card.model().arch());
    requireSame(found.file(), Usable.options(spec, () -> model.over(base.model())), stored.model());
    requireSame(
        found.file(), Usable.options(spec, () -> recipe.over(base.training())), stored.training());
    ImageDataset.requireSameClasses(card.classes(), found.file().toString(), images.train());
    return found.checkpoint();
  }

  private static void requireSame(Path file, Object given, Object stored) {
    if (!given.equals(stored)) {
      throw new InputException(
          "%s goes on with %s and not with %s: leave out the options that differ, or start without --resume"
              .formatted(file, stored, given));
    }
  }

  private Path checkpointFolder(ModelSpec model) {
    Path folder = checkpoints != null ? checkpoints : ownFolder(model);
    Optional<Path> other = CheckpointFolder.newestFile(folder);
    if (resume == null && other.isPresent()) {
      throw new InputException(
          other.get() + " exists already: go on with --resume auto, or give another --ckpt-dir");
    }
    return folder;
  }

  private Path ownFolder(ModelSpec model) {
    return resume == null || resume.equals(AUTO)
        ? defaultFolder(model)
        : Path.of(resume).toAbsolutePath().getParent();
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
            images.train().images().size(),
            images.val().images().size(),
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
          "stopped after %d epochs and %d steps; go on with:%n  %s%n",
          card.epoch(), card.progress().step(), resumeCommand(latest));
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

  /** This command, but for where it starts. */
  private String resumeCommand(Path latest) {
    Stream<String> options =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .filter(option -> !STARTS.contains(option.longestName()))
            .flatMap(TrainCommand::asGiven);
    return Stream.of(
            Stream.of(spec.qualifiedName()), options, Stream.of("--resume", quoted(latest)))
        .flatMap(words -> words)
        .collect(joining(" "));
  }

  private static Stream<String> asGiven(OptionSpec option) {
    return option.arity().max() == 0
        ? Stream.of(option.longestName())
        : option.originalStringValues().stream()
            .flatMap(value -> Stream.of(option.longestName(), quoted(value)));
  }

  private static String quoted(Object word) {
    String text = word.toString();
    return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
