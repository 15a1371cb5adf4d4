package org.kerneldna.zoo;

import static java.util.Comparator.comparingInt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lombok.RequiredArgsConstructor;
import org.kerneldna.torch.Tensor;
import org.kerneldna.torch.TorchOptimizer;
import org.kerneldna.torch.TorchOptimizer.Group;
import org.kerneldna.zoo.StateDict.Entry;

/**
 * Which parameters of a network the groups of an optimizer of PyTorch have. Files usually number
 * them only, so the ways in which programs make groups are tried: by name where the file has names,
 * by kind (kernels, gains of normalisations, biases), and in the network's order, as for a backbone
 * and its head. A way fits if all numbers and shapes agree.
 */
@RequiredArgsConstructor
public final class OptimizerGroups {

  private final StateDict stateDict;
  private final TorchOptimizer optimizer;

  /** What weight decay distinguishes, for one. */
  public enum Kind {
    KERNEL,
    GAIN,
    BIAS;

    /** The kind of a parameter. */
    public static Kind of(Entry parameter) {
      if (parameter.shape().length > 1) {
        return KERNEL;
      }
      return parameter.name().endsWith("bias") ? BIAS : GAIN;
    }
  }

  /** The parameters of each group in its order, or nothing if they are not the network's. */
  public Optional<List<List<Entry>>> entries() {
    List<Entry> parameters = stateDict.parameters();
    if (optimizer.parameters() != parameters.size()) {
      return Optional.empty();
    }
    List<List<List<Entry>>> ways = new ArrayList<>(List.of(byName(parameters)));
    ways.addAll(byKind(parameters));
    ways.add(inOrder(parameters));
    return ways.stream().filter(this::fits).findFirst();
  }

  /** Groups without the names that a file does not have. */
  private List<List<Entry>> byName(List<Entry> parameters) {
    return optimizer.groups().stream()
        .map(group -> group.names().stream().flatMap(name -> called(name, parameters)).toList())
        .toList();
  }

  /** The longest name that fits, since "conv1.weight" also ends "layer1.0.conv1.weight". */
  private static Stream<Entry> called(String name, List<Entry> parameters) {
    return parameters.stream()
        .filter(p -> ("." + name).endsWith("." + p.name()))
        .max(comparingInt(p -> p.name().length()))
        .stream();
  }

  /** Every way of giving each kind to one of the groups. */
  private List<List<List<Entry>>> byKind(List<Entry> parameters) {
    int groups = optimizer.groups().size();
    int kinds = Kind.values().length;
    if (groups > kinds) {
      return List.of();
    }
    return IntStream.range(0, groups * groups * groups)
        .mapToObj(
            way -> {
              int[] groupOf = {way % groups, way / groups % groups, way / groups / groups};
              return IntStream.range(0, groups)
                  .mapToObj(
                      g ->
                          parameters.stream()
                              .filter(entry -> groupOf[Kind.of(entry).ordinal()] == g)
                              .toList())
                  .toList();
            })
        .toList();
  }

  private List<List<Entry>> inOrder(List<Entry> parameters) {
    List<List<Entry>> groups = new ArrayList<>();
    int start = 0;
    for (Group group : optimizer.groups()) {
      int end = start + group.states().size();
      groups.add(parameters.subList(start, end));
      start = end;
    }
    return groups;
  }

  private boolean fits(List<List<Entry>> way) {
    return IntStream.range(0, way.size())
        .allMatch(g -> fits(way.get(g), optimizer.groups().get(g)));
  }

  private boolean fits(List<Entry> entries, Group group) {
    return entries.size() == group.states().size()
        && IntStream.range(0, entries.size())
            .allMatch(i -> fits(entries.get(i), group.states().get(i)));
  }

  /** A parameter that was not updated yet has no state. */
  private boolean fits(Entry entry, Map<String, Tensor> state) {
    return optimizer.kind().slots().stream()
        .filter(state::containsKey)
        .allMatch(slot -> Arrays.equals(state.get(slot).shape(), entry.shape()));
  }
}
