package org.kerneldna.zoo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import lombok.experimental.UtilityClass;

/**
 * The thousand classes of ImageNet-1K (ILSVRC 2012), by their WordNet ids: what the folders of its
 * training images are called. A class's label is its place in the order of the ids.
 */
@UtilityClass
public class ImageNet {

  private final Map<String, String> NAMES = read();

  /** The WordNet ids, such as {@code n01440764}, by label. */
  public List<String> classes() {
    return List.copyOf(NAMES.keySet());
  }

  /** What a class is called in English, such as {@code tench}; nothing for any other id. */
  public Optional<String> name(String wordNetId) {
    return Optional.ofNullable(NAMES.get(wordNetId));
  }

  private Map<String, String> read() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                ImageNet.class.getResourceAsStream("imagenet-classes.tsv"),
                StandardCharsets.UTF_8))) {
      return Collections.unmodifiableMap(
          lines
              .lines()
              .map(line -> line.split("\t"))
              .collect(
                  Collectors.toMap(
                      cells -> cells[0], cells -> cells[1], (a, b) -> b, LinkedHashMap::new)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
