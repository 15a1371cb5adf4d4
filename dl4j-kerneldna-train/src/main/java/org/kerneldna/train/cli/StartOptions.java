package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.CheckpointFolder;
import org.kerneldna.train.CheckpointFolder.Found;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.RecipeFile;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.io.InputException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What a training starts with: a new network, the network of another training, or a training that
 * goes on.
 */
@Slf4j
final class StartOptions {

  /** Options that say where to start. */
  static final Set<String> PLACES = Set.of("--resume", "--pretrained");

  private static final String DEFAULT_ARCH = "resnet18";
  private static final String AUTO = "auto";

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

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /**
   * The checkpoint to start from, which may be of a new network.
   *
   * @throws InputException if there is none such, or it does not fit the other options or the
   *     images
   */
  Checkpoint start(ImageDataset images) {
    if (pretrained != null) {
      requireOneStart();
      return restart(images);
    }
    return found().map(found -> resume(found, images)).orElseGet(() -> create(images));
  }

  private void requireOneStart() {
    if (resume != null || !model.isEmpty() || recipe.changeNetwork()) {
      throw new ParameterException(
          spec.commandLine(),
          "--pretrained tells which network to train: leave out "
              + (resume != null
                  ? "--resume, or it to go on with an interrupted training"
                  : "--arch, --customize, --image-size, --width, --small-stem and --drop-path"));
    }
  }

  private Checkpoint restart(ImageDataset images) {
    Checkpoint checkpoint = Checkpoint.load(pretrained);
    Card card = checkpoint.card();
    requireClasses(card, images, pretrained);
    Recipe recipe = recipe(card.model());
    recipe.applyTo(checkpoint.graph());
    return new Checkpoint(checkpoint.graph(), card.restartedBy(recipe));
  }

  private Checkpoint create(ImageDataset images) {
    ModelSpec model = Usable.options(spec, this::model);
    Recipe recipe = recipe(model);
    Card card = Card.untrained(model, recipe, images.classes());
    return new Checkpoint(model.build(images.classes().size(), recipe), card);
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

  private Checkpoint resume(Found found, ImageDataset images) {
    log.info("goes on from {}", found.file());
    Card card = found.checkpoint().card();
    RecipeFile stored = new RecipeFile(card.model(), card.recipe());
    RecipeFile base =
        recipeFile == null ? stored : RecipeFile.read(recipeFile, card.model().arch());
    requireSame(found, Usable.options(spec, () -> model.over(base.model())), stored.model());
    requireSame(found, Usable.options(spec, () -> recipe.over(base.training())), card.recipe());
    requireClasses(card, images, found.file());
    return found.checkpoint();
  }

  /** Before anything is written: labels are mapped where they are learnt. */
  private static void requireClasses(Card card, ImageDataset images, Path file) {
    images.labelledBy(card.classes(), file.toString());
  }

  private static void requireSame(Found found, Record given, Record stored) {
    if (!given.equals(stored)) {
      throw new InputException(
          "%s goes on with %s and not with %s: leave out the options that differ, or start without --resume"
              .formatted(found.file(), stored, given));
    }
  }

  /**
   * Where checkpoints go.
   *
   * @throws InputException if those of another training are there
   */
  Path folder(ModelSpec model) {
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
}
