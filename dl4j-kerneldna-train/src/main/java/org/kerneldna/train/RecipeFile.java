package org.kerneldna.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Yaml;

/**
 * A training as a YAML file for people: {@code model} says which network, {@code training} how it
 * learns.
 *
 * <pre>
 * model:
 *   arch: resnet18
 *   customize: true
 * training:
 *   epochs: 90
 * </pre>
 */
public record RecipeFile(ModelSpec model, Recipe training) {

  private static final Set<String> SECTIONS = Set.of("model", "training");

  /** Its name beside the checkpoints. */
  public static final String NAME = "recipe.yaml";

  /**
   * Reads a file. What it leaves out is as the paper's code has it for the architecture.
   *
   * @param arch the architecture if the file names none
   * @throws InputException naming the file and the key or value that cannot be used
   */
  public static RecipeFile read(Path file, String arch) {
    try {
      JsonNode root = Yaml.parse(Files.readString(file));
      requireSections(file, root);
      JsonNode model = root.path("model");
      ModelSpec network = Yaml.change(ModelSpec.of(model.path("arch").asText(arch)), model);
      Recipe recipe = Yaml.change(Recipe.of(network.arch()), root.path("training"));
      return new RecipeFile(network, recipe);
    } catch (IllegalArgumentException e) {
      throw new InputException(file + " cannot be used: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: give a recipe in YAML", e);
    }
  }

  private static void requireSections(Path file, JsonNode root) {
    root.properties()
        .forEach(
            entry -> {
              if (!SECTIONS.contains(entry.getKey())) {
                throw new InputException(
                    "%s has '%s: %s' outside of model and training: put it below one of these"
                        .formatted(file, entry.getKey(), entry.getValue()));
              }
            });
    if (!root.isObject()) {
      throw new InputException(file + " is no recipe: it needs the keys model and training");
    }
  }

  /**
   * Writes all values, so that the file trains the same when defaults change.
   *
   * @throws InputException if it cannot be written
   */
  public void write(Path file) {
    AtomicFile.write(file, temporary -> Files.writeString(temporary, Yaml.toYaml(this)));
  }
}
