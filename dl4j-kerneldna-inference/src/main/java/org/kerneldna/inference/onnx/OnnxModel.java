package org.kerneldna.inference.onnx;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lombok.experimental.UtilityClass;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.Version;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Inference;
import org.kerneldna.graph.read.GraphReader;

/** A network as the model that an ONNX file holds. */
@UtilityClass
public class OnnxModel {

  /** The version of ONNX's operators. */
  public static final int OPSET = 13;

  private static final int IR_VERSION = Version.IR_VERSION_2020_5_8_VALUE;

  /** See {@link org.kerneldna.inference.OnnxFile#write}. */
  public static ModelProto of(ComputationGraph graph, boolean folded, InputType... types) {
    List<String> inputs = graph.getConfiguration().getNetworkInputs();
    Set<String> channelsLast =
        IntStream.range(0, Math.min(types.length, inputs.size()))
            .filter(i -> InputShapes.isChannelsLast(types[i]))
            .mapToObj(inputs::get)
            .collect(Collectors.toSet());
    Program program = GraphReader.read(graph, channelsLast);
    return of(program, graph.getConfiguration().getNetworkOutputs(), folded, types);
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
    Program channelsFirst = ChannelsFirst.of(inference, inputs);
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
}
