package org.kerneldna.inference.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.pass.Inference;

/**
 * Makes image inputs and outputs of a network channels first, which spares the nodes that turned
 * them.
 */
final class ChannelsFirst {

  private final List<Node> nodes = new ArrayList<>();

  /** What to read in place of values that have become others. */
  private final Map<String, String> renamed = new HashMap<>();

  /** The images that are channels last by the names of values. */
  private final Map<String, String> turned = new HashMap<>();

  private ChannelsFirst() {}

  /** The program that computes the same from such inputs. */
  static Program of(Program program, InputShapes inputs) {
    ChannelsFirst first = new ChannelsFirst();
    program.inputs().stream()
        .filter(inputs::isChannelsLast)
        .forEach(input -> first.turn(input, program));
    program.nodes().forEach(first::add);
    List<String> outputs = program.outputs().stream().map(first::output).toList();
    return Inference.pruned(new Program(program.inputs(), first.nodes, outputs));
  }

  /** Adds the input as the network takes it, for nodes that cannot take it channels first. */
  private void turn(String input, Program program) {
    String last = input + ":nhwc";
    while (program.byName().containsKey(last) || program.inputs().contains(last)) {
      last += "'";
    }
    renamed.put(input, last);
    turned.put(last, input);
    nodes.add(new Node(last, Transpose.TO_CHANNELS_LAST, List.of(input), input));
  }

  private void add(Node original) {
    Node node = original.reading(name -> renamed.getOrDefault(name, name));
    if (is(Transpose.TO_CHANNELS_FIRST, node) && turned.containsKey(node.input(0))) {
      renamed.put(node.name(), turned.get(node.input(0)));
      return;
    }
    if (is(Transpose.TO_CHANNELS_LAST, node)) {
      turned.put(node.name(), node.input(0));
    }
    nodes.add(node);
  }

  private String output(String name) {
    String value = renamed.getOrDefault(name, name);
    return turned.getOrDefault(value, value);
  }

  private static boolean is(Transpose transpose, Node node) {
    return node.operation() instanceof Transpose other
        && Arrays.equals(transpose.order(), other.order());
  }
}
