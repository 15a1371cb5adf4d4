package org.kerneldna.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The state of an optimizer of PyTorch, as its {@code state_dict()} has it.
 *
 * @param groups parameters that are treated alike
 */
public record TorchOptimizer(List<Group> groups) {

  /** What its options tell of the optimizer: a file does not name it. */
  public enum Kind {
    /** Gradient descent, with momentum or without. */
    SGD("momentum_buffer"),
    /** Adam or AdamW, which differ in weight decay and not in their state. */
    ADAM("exp_avg", "exp_avg_sq"),
    /** Any other, whose state is not known. */
    OTHER;

    private final List<String> slots;

    Kind(String... slots) {
      this.slots = List.of(slots);
    }

    /** Keys of what it keeps of each parameter, in the parameter's shape. */
    public List<String> slots() {
      return slots;
    }
  }

  /**
   * A parameter group.
   *
   * @param options such as lr, weight_decay, betas: texts, Long, Double, Boolean, lists, null
   * @param names of its parameters, where the file has them, else empty
   * @param states what the optimizer keeps for each parameter, in the group's order, such as {@code
   *     momentum_buffer}; empty for one that was not updated yet
   */
  public record Group(
      Map<String, Object> options, List<String> names, List<Map<String, Tensor>> states) {

    /** The number under a key, or {@code otherwise} where there is none. */
    public double number(String key, double otherwise) {
      return options.get(key) instanceof Number number ? number.doubleValue() : otherwise;
    }

    /** Whether the option is there and on. */
    public boolean is(String key) {
      return Boolean.TRUE.equals(options.get(key));
    }
  }

  /** Which optimizer it is. */
  public Kind kind() {
    Map<String, Object> options = groups.isEmpty() ? Map.of() : groups.get(0).options;
    if (options.containsKey("dampening")) {
      return Kind.SGD;
    }
    return options.containsKey("amsgrad") && options.containsKey("betas") ? Kind.ADAM : Kind.OTHER;
  }

  /**
   * Index of the group that has the most parameters, the first of several.
   *
   * @throws java.util.NoSuchElementException if there are no groups
   */
  public int largestGroup() {
    return IntStream.range(0, groups.size())
        .boxed()
        .max(Comparator.comparingInt(g -> groups.get(g).states.size()))
        .orElseThrow();
  }

  /** How many parameters it has. */
  public int parameters() {
    return groups.stream().mapToInt(group -> group.states.size()).sum();
  }

  static TorchOptimizer of(Map<?, ?> saved) {
    Map<?, ?> states = saved.get("state") instanceof Map<?, ?> map ? map : Map.of();
    List<Group> groups = new ArrayList<>();
    for (Object group : list(saved.get("param_groups"))) {
      if (group instanceof Map<?, ?> options) {
        groups.add(group(options, states));
      }
    }
    return new TorchOptimizer(List.copyOf(groups));
  }

  private static Group group(Map<?, ?> saved, Map<?, ?> states) {
    Map<String, Object> options = new LinkedHashMap<>();
    saved.forEach((key, value) -> options.put(String.valueOf(key), value));
    List<String> names = list(saved.get("param_names")).stream().map(String::valueOf).toList();
    List<Map<String, Tensor>> ofParameters =
        list(saved.get("params")).stream()
            .map(parameter -> tensors(states.get(parameter)))
            .toList();
    return new Group(Collections.unmodifiableMap(options), names, ofParameters);
  }

  private static Map<String, Tensor> tensors(Object state) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    if (state instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            if (value instanceof Tensor tensor) {
              tensors.put(String.valueOf(key), tensor);
            }
          });
    }
    return Collections.unmodifiableMap(tensors);
  }

  private static List<?> list(Object value) {
    return value instanceof List<?> list ? list : List.of();
  }
}
