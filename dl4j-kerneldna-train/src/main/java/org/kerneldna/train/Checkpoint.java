package org.kerneldna.train;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.kerneldna.train.data.Normalization;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Json;
import org.kerneldna.zoo.Complexity;

/**
 * A network in training, and all that is needed to go on or to use it. As a file it is a zip that
 * DL4J's {@link ModelSerializer} can read, with updater state, and one more entry, {@value #CARD}.
 */
public record Checkpoint(ComputationGraph graph, Card card) {

  private static final String CARD = "kerneldna.json";

  /**
   * What a checkpoint knows about itself.
   *
   * @param classes names by label
   * @param epoch epochs done
   * @param bestTop1 best validation top-1 so far, in percent
   */
  public record Card(
      ModelSpec model,
      Recipe recipe,
      List<String> classes,
      Normalization normalization,
      int epoch,
      double bestTop1) {

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

    Card after(int epoch, double bestTop1) {
      return new Card(model, recipe, classes, normalization, epoch, bestTop1);
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
          }
        });
  }

  /**
   * Reads a file that {@link #save} wrote.
   *
   * @throws InputException if there is no such file, or it is no checkpoint of this program
   */
  public static Checkpoint load(Path file) {
    Card card = loadCard(file);
    try {
      return new Checkpoint(ModelSerializer.restoreComputationGraph(file.toFile(), true), card);
    } catch (IOException | RuntimeException e) {
      throw new InputException(file + " holds a damaged network: take another checkpoint", e);
    }
  }

  private static Card loadCard(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          file + " is not a file: give a checkpoint such as latest.zip or best.zip");
    }
    try (FileSystem zip = FileSystems.newFileSystem(file, (ClassLoader) null)) {
      return Json.fromJson(Files.readString(zip.getPath(CARD)), Card.class);
    } catch (NoSuchFileException e) {
      throw new InputException(
          file + " has no " + CARD + ": give a checkpoint that 'train' wrote", e);
    } catch (IOException | RuntimeException e) {
      throw new InputException(file + " is not a checkpoint: give one that 'train' wrote", e);
    }
  }
}
