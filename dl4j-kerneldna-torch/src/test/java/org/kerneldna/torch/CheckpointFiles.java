package org.kerneldna.torch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The recorded files and what case.json says of them. */
final class CheckpointFiles {

  /** The small ones. */
  static final Path SMALL = Path.of("src/test/resources/checkpoints");

  private CheckpointFiles() {}

  static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  static long[] longs(JsonNode array) {
    return list(array).mapToLong(JsonNode::asLong).toArray();
  }

  /** The entry of a list in the case.json of the checkpoints. */
  static JsonNode entry(String list, String file) {
    return list(json(SMALL.resolve("case.json")).get(list))
        .filter(entry -> entry.get("file").asText().equals(file))
        .findAny()
        .orElseThrow();
  }

  /** The numbers of a NumPy file, version 1, float32 in C order. */
  static float[] npy(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      bytes.position(10 + bytes.getShort(8));
      float[] values = new float[bytes.remaining() / Float.BYTES];
      bytes.asFloatBuffer().get(values);
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
