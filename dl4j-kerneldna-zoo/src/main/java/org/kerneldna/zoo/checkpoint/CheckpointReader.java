package org.kerneldna.zoo.checkpoint;

import static org.kerneldna.zoo.checkpoint.CheckpointException.quote;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.kerneldna.zoo.checkpoint.TorchCheckpoint.ParameterGroup;

/** Recognises a file's format, and knows what training programs call the things they save. */
final class CheckpointReader {

  private static final String PARALLEL = "module.";

  private CheckpointReader() {}

  static TorchCheckpoint read(Path file) {
    return guard(file, f -> checkpoint(f, content(f)));
  }

  /** Something that reads a file. */
  interface Reading<T> {
    T read(Path file) throws IOException;
  }

  /** Reads, and makes whatever goes wrong an exception that names the file. */
  static <T> T guard(Path file, Reading<T> reading) {
    try {
      return reading.read(file);
    } catch (CheckpointException e) {
      throw e.in(file.toString());
    } catch (NoSuchFileException e) {
      throw new CheckpointException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Map<?, ?> content(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(Long.BYTES + 1);
    }
    if (Safetensors.startsLike(start)) {
      return Safetensors.load(file).tensors();
    }
    Object saved;
    if (start.length > 1 && start[0] == 'P' && start[1] == 'K') {
      saved = TorchZip.read(file);
    } else if (start.length > 0 && start[0] == (byte) 0x80) {
      saved = TorchLegacy.read(file);
    } else {
      throw new CheckpointException(
          start.length == 0
              ? "is empty; get it again"
              : "neither a file of torch.save nor safetensors; save model.state_dict()");
    }
    if (saved instanceof Map<?, ?> map) {
      return map;
    }
    throw new CheckpointException("holds no dictionary; save model.state_dict()");
  }

  private static TorchCheckpoint checkpoint(Path file, Map<?, ?> content) {
    if (!content.containsKey("state_dict")) {
      return new TorchCheckpoint(
          file,
          stateDict(content),
          OptionalLong.empty(),
          Optional.empty(),
          OptionalDouble.empty(),
          List.of(),
          Map.of());
    }
    Dict dict = new Dict(content);
    return new TorchCheckpoint(
        file,
        stateDict(dict.get("state_dict", Map.class)),
        dict.find("epoch", Long.class).map(OptionalLong::of).orElse(OptionalLong.empty()),
        dict.find("arch", String.class),
        accuracy(dict),
        dict.find("optimizer", Map.class).map(o -> groups(new Dict(o))).orElse(List.of()),
        named(dict.find("scheduler", Map.class).orElse(Map.of())));
  }

  private static Map<String, Tensor> stateDict(Map<?, ?> content) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    content.forEach(
        (key, value) -> {
          if (!(key instanceof String name && value instanceof Tensor tensor)) {
            throw new CheckpointException(
                quote(key)
                    + " is not a tensor, so this is no state_dict, nor has it one under"
                    + " \"state_dict\"; save model.state_dict()");
          }
          String plain = name.startsWith(PARALLEL) ? name.substring(PARALLEL.length()) : name;
          if (tensors.put(plain, tensor) != null) {
            throw new CheckpointException(
                "tensor " + quote(plain) + " is there twice, with and without " + quote(PARALLEL));
          }
        });
    if (tensors.isEmpty()) {
      throw new CheckpointException("holds no tensors");
    }
    return Collections.unmodifiableMap(tensors);
  }

  /** A number, or, as the reference saves it, a tensor of one number. */
  private static OptionalDouble accuracy(Dict dict) {
    Object accuracy = dict.find("best_acc1", Object.class).orElse(null);
    if (accuracy instanceof Tensor tensor && tensor.length() == 1) {
      return OptionalDouble.of(tensor.toDoubles()[0]);
    }
    return dict.find("best_acc1", Number.class)
        .map(number -> OptionalDouble.of(number.doubleValue()))
        .orElse(OptionalDouble.empty());
  }

  private static List<ParameterGroup> groups(Dict optimizer) {
    Map<?, ?> state = optimizer.get("state", Map.class);
    List<ParameterGroup> groups = new ArrayList<>();
    for (Object group : optimizer.get("param_groups", List.class)) {
      if (!(group instanceof Map<?, ?> map)) {
        throw new CheckpointException("a parameter group is no dictionary");
      }
      // Which among PyTorch's optimizers only SGD has.
      if (map.containsKey("dampening")) {
        groups.add(group(new Dict(map), new Dict(state)));
      }
    }
    return List.copyOf(groups);
  }

  private static ParameterGroup group(Dict group, Dict state) {
    List<Optional<Tensor>> buffers = new ArrayList<>();
    for (Object parameter : group.get("params", List.class)) {
      buffers.add(
          state
              .find(parameter, Map.class)
              .flatMap(s -> new Dict(s).find("momentum_buffer", Tensor.class)));
    }
    return new ParameterGroup(
        group.get("lr", Number.class).doubleValue(),
        group.get("momentum", Number.class).doubleValue(),
        group.get("weight_decay", Number.class).doubleValue(),
        List.copyOf(buffers));
  }

  private static Map<String, Object> named(Map<?, ?> values) {
    Map<String, Object> named = new LinkedHashMap<>();
    values.forEach((key, value) -> named.put(String.valueOf(key), value));
    return Collections.unmodifiableMap(named);
  }
}
