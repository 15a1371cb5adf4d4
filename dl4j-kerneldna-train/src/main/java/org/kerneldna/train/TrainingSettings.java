package org.kerneldna.train;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.io.Json;

/** What a training was made with, all but its seed, as text by name: names as in recipe.yaml. */
@UtilityClass
class TrainingSettings {

  private static final String SEED = "seed";
  private static final int WIDEST_VALUE = 24;

  /** The settings of a checkpoint's training. Equal ones differ in nothing but the seed. */
  Map<String, String> of(Checkpoint checkpoint) {
    Card card = checkpoint.card();
    Map<String, String> settings = new LinkedHashMap<>();
    addAll("", Json.toTree(card.model()), settings);
    addAll("", Json.toTree(card.recipe()), settings);
    settings.remove(SEED);
    settings.put("classes", String.join(", ", card.classes()));
    settings.put("normalization", card.normalization().toString());
    if (card.model().adapted()) {
      // Of these the model tells only what they were.
      settings.put(
          "network",
          checkpoint.complexity() + " " + checkpoint.graph().getConfiguration().getVertexInputs());
    }
    return settings;
  }

  private void addAll(String prefix, JsonNode node, Map<String, String> settings) {
    node.fields()
        .forEachRemaining(
            field -> {
              String name = prefix + field.getKey();
              JsonNode value = field.getValue();
              if (value.isObject()) {
                addAll(name + ".", value, settings);
              } else {
                settings.put(name, value.isTextual() ? value.asText() : value.toString());
              }
            });
  }

  /** Names of the settings that have different values in some of these trainings. */
  List<String> differing(Collection<Map<String, String>> trainings) {
    return trainings.stream()
        .flatMap(settings -> settings.keySet().stream())
        .distinct()
        .filter(name -> values(name, trainings).size() > 1)
        .toList();
  }

  private Set<String> values(String name, Collection<Map<String, String>> trainings) {
    return trainings.stream()
        .map(settings -> settings.get(name))
        .filter(Objects::nonNull)
        .collect(toSet());
  }

  /** Some of the settings for people, on a line; nothing if one is too long for that. */
  Optional<String> line(Map<String, String> settings, List<String> names) {
    List<String> values = names.stream().filter(settings::containsKey).toList();
    return values.stream().anyMatch(name -> settings.get(name).length() > WIDEST_VALUE)
        ? Optional.empty()
        : Optional.of(
            values.stream().map(name -> ", " + name + " " + settings.get(name)).collect(joining()));
  }
}
