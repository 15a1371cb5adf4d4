package org.kerneldna.zoo.pretrained;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.zoo.PretrainedType;

/**
 * Which pretrained weights there are: those that come with this library, torchvision's for the
 * static networks, and those that a user lists in {@code kerneldna-pretrained.json} in DL4J's
 * folder ({@code ~/.deeplearning4j}, or what {@link DL4JResources} says), which come before them.
 * Both are a JSON list of {@link PretrainedWeights}.
 */
public final class Catalogue {

  private static final String FILE = "kerneldna-pretrained.json";

  private static final JsonMapper MAPPER = new JsonMapper();

  private final List<PretrainedWeights> entries;

  private Catalogue(List<PretrainedWeights> entries) {
    this.entries = entries;
  }

  /**
   * Reads both catalogues.
   *
   * @throws IOException if a user's catalogue cannot be read; the message names it and what is
   *     wrong
   */
  public static Catalogue read() throws IOException {
    List<PretrainedWeights> entries = new ArrayList<>();
    Path file = usersFile();
    if (Files.exists(file)) {
      parse(file.toString(), Files.readAllBytes(file))
          .forEach(entry -> entries.add(entry.in(file.getParent())));
    }
    try (InputStream bundled = Catalogue.class.getResourceAsStream("catalogue.json")) {
      entries.addAll(parse("catalogue.json", bundled.readAllBytes()));
    }
    return new Catalogue(entries);
  }

  /** Where a user's catalogue is, if there is one. */
  public static Path usersFile() {
    return DL4JResources.getBaseDirectory().toPath().toAbsolutePath().resolve(FILE);
  }

  /** The weights for a class of the zoo at a width, if there are any. */
  public Optional<PretrainedWeights> find(String model, double width, PretrainedType type) {
    return entries.stream().filter(entry -> entry.isOf(model, width, type)).findFirst();
  }

  private static List<PretrainedWeights> parse(String name, byte[] json) throws IOException {
    try {
      return MAPPER.readValue(json, new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      String mistake =
          e.getCause() instanceof IllegalArgumentException cause
              ? cause.getMessage()
              : e.getOriginalMessage().lines().findFirst().orElse("");
      throw new IOException(name + ", line " + e.getLocation().getLineNr() + ": " + mistake, e);
    }
  }
}
