package org.kerneldna.train.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;

/**
 * Records as YAML with snake_case keys. What people write is taken as it is written or refused:
 * keys that a record does not have, keys given twice, empty values, and values of another type,
 * such as a fraction where a whole number is asked for, are errors.
 */
@UtilityClass
public class Yaml {

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  Stream.of(
                          CoercionInputShape.Integer,
                          CoercionInputShape.Float,
                          CoercionInputShape.Boolean)
                      .forEach(shape -> text.setCoercion(shape, CoercionAction.Fail)))
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
   * The tree of a YAML document; missing if there is none.
   *
   * @throws IllegalArgumentException if the text is not YAML, gives a key twice, or has tags,
   *     aliases of collections or a second document; it says what and where in one line
   */
  public JsonNode parse(String yaml) {
    return YamlTree.parse(yaml);
  }

  /** The number that a word is in YAML; empty if it is none, as {@code 064} and {@code .inf}. */
  public OptionalDouble number(String word) {
    JsonNode number = YamlTree.number(word);
    return number.isNumber() ? OptionalDouble.of(number.doubleValue()) : OptionalDouble.empty();
  }

  /**
   * The record that the tree describes; what it lacks is as in {@code defaults}.
   *
   * @param changes a mapping of some of the record's keys, or nothing
   * @throws IllegalArgumentException if it is no mapping, has other keys, or values that the record
   *     refuses; it names key and value in one line
   */
  public <T extends Record> T change(T defaults, JsonNode changes) {
    if (changes.isMissingNode() || changes.isNull()) {
      return defaults;
    }
    ObjectNode merged = MAPPER.valueToTree(defaults);
    merged.setAll(requireMapping(changes));
    @SuppressWarnings("unchecked")
    Class<T> type = (Class<T>) defaults.getClass();
    return read(merged, type);
  }

  /**
   * The record that the tree describes.
   *
   * @throws IllegalArgumentException as {@link #change} does
   */
  public <T> T read(JsonNode tree, Class<T> type) {
    requireNoGaps("", requireMapping(tree));
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "it has a key '%s' that is not known: known are %s"
              .formatted(e.getPropertyName(), e.getKnownPropertyIds()),
          e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(reason(tree, e), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  private ObjectNode requireMapping(JsonNode tree) {
    if (tree instanceof ObjectNode mapping) {
      return mapping;
    }
    throw new IllegalArgumentException("%s is no mapping: give keys with values".formatted(tree));
  }

  private void requireNoGaps(String path, JsonNode tree) {
    if (tree.isNull()) {
      throw new IllegalArgumentException(
          "%s: null cannot be used, nor can an empty value: give one, or leave the key out"
              .formatted(path));
    }
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      requireNoGaps(
          path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(), entry.getValue());
    }
    if (tree.isArray()) {
      tree.forEach(item -> requireNoGaps(path, item));
    }
  }

  /** What a record said of its values, else which of them is of another type. */
  private String reason(JsonNode tree, JsonMappingException e) {
    if (e.getCause() instanceof IllegalArgumentException
        || e.getCause() instanceof InputException) {
      return e.getCause().getMessage();
    }
    JsonNode value = tree;
    for (Reference step : e.getPath()) {
      value =
          step.getFieldName() == null
              ? value.path(step.getIndex())
              : value.path(step.getFieldName());
    }
    String path =
        e.getPath().stream()
            .map(Reference::getFieldName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    return "%s: %s cannot be used: give %s".formatted(path, shown(value), remedy(type(e)));
  }

  private String shown(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.toString();
  }

  private Class<?> type(JsonMappingException e) {
    if (e.getCause() instanceof InputCoercionException tooLarge) {
      return tooLarge.getTargetType();
    }
    Class<?> type = e instanceof MismatchedInputException wrong ? wrong.getTargetType() : null;
    return type == null ? Object.class : type;
  }

  private String remedy(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + Stream.of(type.getEnumConstants()).map(MAPPER::valueToTree).toList();
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == Integer.class) {
      return "a whole number, at most " + Integer.MAX_VALUE;
    }
    if (type == long.class || type == Long.class) {
      return "a whole number, at most " + Long.MAX_VALUE;
    }
    if (List.of(double.class, Double.class).contains(type)) {
      return "a number";
    }
    if (type == String.class) {
      return "text, in quotes if it looks like something else";
    }
    return Collection.class.isAssignableFrom(type) ? "a list, as [0.4]" : "a mapping";
  }
}
