package org.kerneldna.train;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.train.data.ClassNames;
import org.kerneldna.train.data.Normalization;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Json;
import org.kerneldna.zoo.model.Checksums;
import org.kerneldna.zoo.model.ModelFile;
import org.kerneldna.zoo.model.ModelFileException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network in training, and all that is needed to go on or to use it. As a file it is a zip that
 * DL4J's {@link ModelSerializer} can read, with updater state, and more entries: {@value #CARD},
 * {@value #MEAN} where there is one, and {@value ModelFile#SUMS} with the others' checksums, as
 * {@code sha256sum} writes them.
 *
 * <p>Chance needs no entry: what a step draws is a function of the recipe's seed, the epoch and the
 * step, which the card has.
 *
 * @param mean running mean of the parameters, see {@link Recipe#emaDecay}; null without
 */
public record Checkpoint(ComputationGraph graph, Card card, INDArray mean) {

  private static final String CARD = "kerneldna.json";
  private static final String MEAN = "mean.bin";

  /** A network without a running mean of its parameters. */
  public Checkpoint(ComputationGraph graph, Card card) {
    this(graph, card, null);
  }

  /**
   * What a checkpoint knows about itself.
   *
   * @param classes of the images, by label
   * @param epoch epochs done
   * @param bestTop1 best validation top-1 so far, in percent
   * @param bestEpoch epochs done when that was reached
   * @param progress how far the next epoch has come
   */
  public record Card(
      ModelSpec model,
      Recipe recipe,
      ClassNames classes,
      Normalization normalization,
      int epoch,
      double bestTop1,
      int bestEpoch,
      EpochProgress progress) {

    /** Cards of before there was progress lack it. */
    public Card {
      requireNonNull(model, "model");
      requireNonNull(recipe, "recipe");
      requireNonNull(classes, "classes");
      requireNonNull(normalization, "normalization");
      if (epoch < 0 || bestEpoch < 0 || !(0 <= bestTop1 && bestTop1 <= 100)) {
        throw new IllegalArgumentException(
            "%d epochs done, the best %.2f %% after %d".formatted(epoch, bestTop1, bestEpoch));
      }
      progress = progress == null ? EpochProgress.NONE : progress;
    }

    /** The card of a network after whole epochs, the last of which counts as the best. */
    public Card(
        ModelSpec model,
        Recipe recipe,
        List<String> classes,
        Normalization normalization,
        int epoch,
        double bestTop1) {
      this(
          model,
          recipe,
          ClassNames.of(classes),
          normalization,
          epoch,
          bestTop1,
          epoch,
          EpochProgress.NONE);
    }

    /** The card of a network that has not been trained. */
    public static Card untrained(ModelSpec model, Recipe recipe, List<String> classes) {
      return new Card(model, recipe, classes, Normalization.IMAGENET, 0, 0);
    }

    /** The card of this card's network once it is adapted, and not trained since. */
    public Card adapted() {
      return new Card(model.asAdapted(), recipe, classes, normalization, 0, 0);
    }

    /** The card of this card's network before it is trained by another recipe. */
    public Card restartedBy(Recipe other) {
      return new Card(model, other, classes, normalization, 0, 0);
    }

    /** The card after one more epoch, at whose end the top-1 was this. */
    Card after(int epoch, double top1) {
      return top1 > bestTop1
          ? new Card(model, recipe, classes, normalization, epoch, top1)
          : new Card(
              model,
              recipe,
              classes,
              normalization,
              epoch,
              bestTop1,
              bestEpoch,
              EpochProgress.NONE);
    }

    /** The card within the next epoch. */
    Card within(EpochProgress progress) {
      return new Card(model, recipe, classes, normalization, epoch, bestTop1, bestEpoch, progress);
    }
  }

  /** The network's parameters and multiply-accumulates. */
  public Complexity complexity() {
    return Complexity.of(graph, card.model.inputType());
  }

  /**
   * Writes a file that replaces an older one only once it is complete.
   *
   * @throws InputException if it cannot be written
   */
  public void save(Path file) {
    AtomicFile.write(
        file,
        temporary -> {
          ModelSerializer.writeModel(graph, temporary.toFile(), true);
          try (FileSystem zip = FileSystems.newFileSystem(temporary)) {
            Files.writeString(zip.getPath(CARD), Json.toJson(card));
            if (mean != null) {
              writeMean(zip.getPath(MEAN));
            }
            Files.writeString(zip.getPath(ModelFile.SUMS), Checksums.of(zip));
          }
        });
  }

  private void writeMean(Path entry) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(entry)))) {
      Nd4j.write(mean, out);
    }
  }

  /**
   * Reads a file that {@link #save} wrote, whoever brings it: see {@link ModelFile}.
   *
   * @throws InputException if there is no such file, it is damaged, or no checkpoint of this
   *     program
   */
  public static Checkpoint load(Path file) {
    return read(
        file,
        model -> {
          Card card = card(file, model);
          ComputationGraph graph = model.graph();
          INDArray mean = model.has(MEAN) ? model.vector(MEAN, graph.numParams()) : null;
          return new Checkpoint(graph, card, mean);
        });
  }

  /**
   * What a file knows about itself, without the network.
   *
   * @throws InputException if there is no such file, or it is no checkpoint of this program
   */
  public static Card loadCard(Path file) {
    return read(file, model -> card(file, model));
  }

  private static <T> T read(Path file, Function<ModelFile, T> how) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          file + " is not a file: give a checkpoint such as latest.zip or best.zip");
    }
    try (ModelFile model = ModelFile.open(file, List.of(CARD, MEAN), List.of())) {
      return how.apply(model);
    } catch (ModelFileException e) {
      throw new InputException(e.getMessage(), e);
    }
  }

  private static Card card(Path file, ModelFile model) {
    if (!model.has(CARD)) {
      throw new InputException(file + " has no " + CARD + ": give a checkpoint that 'train' wrote");
    }
    try {
      return Json.fromJson(model.text(CARD), Card.class);
    } catch (JsonProcessingException e) {
      throw new InputException(file + " is not a checkpoint: give one that 'train' wrote", e);
    }
  }
}
