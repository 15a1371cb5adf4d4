package org.kerneldna.inference.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lombok.experimental.UtilityClass;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.Version;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Inference;

/** A network as the model that an ONNX file holds. */
@UtilityClass
public class OnnxModel {

  /** The version of ONNX's operators. */
  public static final int OPSET = 13;

  private static final int IR_VERSION = Version.IR_VERSION_2020_5_8_VALUE;

  private static final Transpose TO_CHANNELS_FIRST = new Transpose(0, 3, 1, 2);
  private static final Transpose TO_CHANNELS_LAST = new Transpose(0, 2, 3, 1);

  /** See {@link org.kerneldna.inference.OnnxFile#write}. */
  public static ModelProto of(ComputationGraph graph, boolean folded, InputType... types) {
    return of(Program.of(graph), graph.getConfiguration().getNetworkOutputs(), folded, types);
  }

  /**
   * The model of a program.
   *
   * @param outputs what the program's outputs shall be called
   */
  static ModelProto of(Program program, List<String> outputs, boolean folded, InputType... types) {
    Program inference = Inference.of(program);
    inference.nodes().forEach(OnnxModel::requireForm);
    InputShapes inputs = new InputShapes(inference, types);
    Program channelsFirst = channelsFirst(inference, inputs);
    Program written = folded ? Folding.of(channelsFirst) : channelsFirst;
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setProducerName("dl4j-kerneldna")
        .setGraph(OnnxProgram.of(written, inputs, outputs))
        .build();
  }

  private static void requireForm(Node node) {
    if (node.operation() instanceof Opaque opaque) {
      throw new IllegalArgumentException(
          "Vertex \"%s\" is %s, which cannot be written as ONNX: give a network without it (%s)"
              .formatted(node.vertex(), opaque.kind(), opaque.reason()));
    }
  }

  /** The same with inputs and outputs of images channels first. */
  private static Program channelsFirst(Program program, InputShapes inputs) {
    List<Node> nodes = new ArrayList<>();
    Map<String, String> renamed = new HashMap<>();
    Map<String, String> turned = new HashMap<>();
    Set<String> names = new HashSet<>(program.byName().keySet());
    for (String input : program.inputs()) {
      if (inputs.isChannelsLast(input)) {
        String last = input + ":channelsLast";
        while (!names.add(last)) {
          last += "'";
        }
        nodes.add(new Node(last, TO_CHANNELS_LAST, List.of(input), input));
        renamed.put(input, last);
      }
    }
    for (Node node : program.nodes()) {
      if (is(TO_CHANNELS_FIRST, node) && inputs.isChannelsLast(node.input(0))) {
        renamed.put(node.name(), node.input(0));
      } else {
        nodes.add(node.reading(name -> renamed.getOrDefault(name, name)));
      }
    }
    nodes.stream()
        .filter(node -> is(TO_CHANNELS_LAST, node))
        .forEach(node -> turned.put(node.name(), node.input(0)));
    List<String> outputs =
        program.outputs().stream()
            .map(name -> renamed.getOrDefault(name, name))
            .map(name -> turned.getOrDefault(name, name))
            .toList();
    return Inference.pruned(new Program(program.inputs(), nodes, outputs));
  }

  private static boolean is(Transpose transpose, Node node) {
    return node.operation() instanceof Transpose other
        && Arrays.equals(transpose.order(), other.order());
  }
}
