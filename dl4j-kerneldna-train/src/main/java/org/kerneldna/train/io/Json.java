package org.kerneldna.train.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import lombok.experimental.UtilityClass;

/** Records as JSON with snake_case keys. */
@UtilityClass
public class Json {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** An indented JSON document. */
  public String toJson(Object value) {
    try {
      return MAPPER.writeValueAsString(value) + System.lineSeparator();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The tree of {@link #toJson}'s document. */
  public JsonNode toTree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws JsonProcessingException if the text is not JSON of this type
   */
  public <T> T fromJson(String json, Class<T> type) throws JsonProcessingException {
    T value = MAPPER.readValue(json, type);
    if (value == null) {
      throw new JsonMappingException(null, "null");
    }
    return value;
  }
}
