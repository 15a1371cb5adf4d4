package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Sorts what a file holds by what it looks like, since every program calls it otherwise:
 * dictionaries with tensors, the state of optimizers, and that of schedulers.
 */
final class SavedParts {

  /** Modules of PyTorch that wrap any part of a network, and appear in the middle of names. */
  private static final Pattern WRAPPERS =
      Pattern.compile("(?<=^|\\.)(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.");

  private static final int MOST_NAMED = 5;
  private static final int LONGEST_KEY = 100;

  private final List<TensorDict> tensorDicts = new ArrayList<>();
  private final List<TorchOptimizer> optimizers = new ArrayList<>();
  private final List<Map<String, Object>> schedulers = new ArrayList<>();

  /**
   * @throws CheckpointException if there are no tensors
   */
  SavedParts(Map<?, ?> saved) {
    sort("", saved);
    if (tensorDicts.isEmpty()) {
      throw new CheckpointException(
          "holds no tensors"
              + (saved.isEmpty() ? "" : ", but " + described(saved))
              + "; save model.state_dict()");
    }
  }

  List<TensorDict> tensorDicts() {
    return List.copyOf(tensorDicts);
  }

  List<TorchOptimizer> optimizers() {
    return List.copyOf(optimizers);
  }

  List<Map<String, Object>> schedulers() {
    return List.copyOf(schedulers);
  }

  private void sort(String path, Object saved) {
    if (saved instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        sort(below(path, i), list.get(i));
      }
    } else if (saved instanceof Map<?, ?> map) {
      sort(path, map);
    }
  }

  private void sort(String path, Map<?, ?> saved) {
    if (saved.containsKey("param_groups")) {
      optimizers.add(TorchOptimizer.of(saved));
    } else if (saved.containsKey("last_epoch")) {
      Map<String, Object> state = new LinkedHashMap<>();
      saved.forEach((key, value) -> state.put(String.valueOf(key), value));
      schedulers.add(Collections.unmodifiableMap(state));
    } else {
      addTensors(path, saved);
      saved.forEach((key, value) -> sort(below(path, key), value));
    }
  }

  private void addTensors(String path, Map<?, ?> saved) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> rest = new LinkedHashMap<>();
    saved.forEach(
        (key, value) -> {
          String name = WRAPPERS.matcher(String.valueOf(key)).replaceAll("");
          if (value instanceof Tensor tensor) {
            if (tensors.put(name, tensor) != null) {
              throw new CheckpointException("tensor " + quote(name) + " is there twice");
            }
          } else {
            rest.put(name, type(value));
          }
        });
    if (!tensors.isEmpty()) {
      tensorDicts.add(
          new TensorDict(
              path, Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(rest)));
    }
  }

  private static String below(String path, Object key) {
    String text = String.valueOf(key);
    // A long key with many entries below it would be copied many times.
    String start = text.substring(0, Math.min(text.length(), LONGEST_KEY));
    return path.isEmpty() ? start : path + "." + start;
  }

  private static String described(Map<?, ?> saved) {
    return String.join(
        ", ",
        saved.entrySet().stream()
            .limit(MOST_NAMED)
            .map(entry -> quote(entry.getKey()) + " of type " + quote(type(entry.getValue())))
            .toList());
  }

  /** What Python calls it. */
  private static String type(Object value) {
    if (value instanceof Opaque opaque) {
      return opaque.type();
    }
    if (value instanceof Map) {
      return "dict";
    }
    if (value instanceof List) {
      return "list";
    }
    return value instanceof String ? "str" : value instanceof Number ? "number" : "" + value;
  }
}
