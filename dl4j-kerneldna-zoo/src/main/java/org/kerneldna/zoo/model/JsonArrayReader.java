package org.kerneldna.zoo.model;

import java.io.IOException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.serde.jackson.shaded.NDArrayTextDeSerializer;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.databind.DeserializationContext;
import org.nd4j.shade.jackson.databind.JsonDeserializer;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.JsonNode;

/** An array in a configuration, such as a loss's weights, once its numbers fill its shape. */
final class JsonArrayReader extends JsonDeserializer<INDArray> {

  @Override
  public INDArray deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    JsonNode node = parser.readValueAsTree();
    if (node.isNull()) {
      return null;
    }
    if (!node.isArray()) {
      long elements = 1;
      for (JsonNode side : node.path("shape")) {
        elements = Math.multiplyExact(elements, side.asLong());
      }
      if (elements != node.path("data").size()) {
        throw new JsonMappingException(parser, "has an array whose numbers do not fill its shape");
      }
    }
    return new NDArrayTextDeSerializer().deserialize(node);
  }
}
