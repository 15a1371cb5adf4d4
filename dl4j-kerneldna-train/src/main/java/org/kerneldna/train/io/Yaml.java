package org.kerneldna.train.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import lombok.experimental.UtilityClass;

/** Records as YAML with snake_case keys. Keys that a record does not have are errors. */
@UtilityClass
public class Yaml {

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .build();

  /** A YAML document. */
  public String toYaml(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * The tree of a YAML document.
   *
   * @throws JsonProcessingException if the text is not YAML
   */
  public JsonNode parse(String yaml) throws JsonProcessingException {
    return MAPPER.readTree(yaml);
  }

  /**
   * The record that the tree describes; what it lacks is as in {@code defaults}.
   *
   * @param changes a mapping of some of the record's keys, or nothing
   * @throws JsonProcessingException if it is no mapping, has other keys, or values that the record
   *     refuses
   */
  public <T extends Record> T change(T defaults, JsonNode changes) throws JsonProcessingException {
    if (changes.isMissingNode() || changes.isNull()) {
      return defaults;
    }
    ObjectNode merged = MAPPER.valueToTree(defaults);
    merged.setAll(MAPPER.treeToValue(changes, ObjectNode.class));
    @SuppressWarnings("unchecked")
    Class<T> type = (Class<T>) defaults.getClass();
    return MAPPER.treeToValue(merged, type);
  }
}
