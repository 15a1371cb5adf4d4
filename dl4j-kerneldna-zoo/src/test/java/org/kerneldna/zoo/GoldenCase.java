package org.kerneldna.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Numbers recorded from the running PyTorch reference: a folder with case.json and npy files. */
record GoldenCase(Path folder, JsonNode json) {

  private static final Path ROOT = Path.of("src/test/resources/golden");

  /** A recorded tensor and how far the reference in float32 is from it, relative to its largest. */
  record Tensor(String name, INDArray values, double float32Error) {}

  static GoldenCase of(String path) {
    try {
      Path folder = ROOT.resolve(path);
      return new GoldenCase(
          folder, new ObjectMapper().readTree(folder.resolve("case.json").toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<GoldenCase> all(String path) {
    try (Stream<Path> folders = Files.list(ROOT.resolve(path))) {
      return folders.sorted().map(f -> of(path + "/" + f.getFileName())).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tensors of a role, by name. */
  Map<String, Tensor> tensors(String role) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (JsonNode t : json.get("tensors")) {
      if (t.get("role").asText().equals(role)) {
        String name = t.get("name").asText();
        INDArray stored = Nd4j.createFromNpyFile(folder.resolve(t.get("file").asText()).toFile());
        INDArray values = stored.dup('c').reshape('c', longs(t.get("shape")));
        tensors.put(name, new Tensor(name, values, t.path("float32_error").asDouble(0)));
      }
    }
    return tensors;
  }

  /** The only tensor of a role. */
  Tensor tensor(String role) {
    return tensors(role).values().iterator().next();
  }

  /** Names and shapes of the state_dict, in order. */
  Map<String, long[]> stateDict() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    json.get("state_dict").forEach(t -> shapes.put(t.get("name").asText(), longs(t.get("shape"))));
    return shapes;
  }

  static long[] longs(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToLong(JsonNode::asLong).toArray();
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }
}
