package org.kerneldna.inference;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lombok.experimental.UtilityClass;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.Version;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;

/**
 * Writes a graph's inference as an <a href="https://onnx.ai">ONNX</a> file, for the programs that
 * run such files.
 *
 * <p>The file computes what {@link ComputationGraph#output} does, up to rounding, in float32. Its
 * inputs and outputs go by the graph's names. Images are [N, C, H, W], also those of a graph whose
 * data format is NHWC; rows are [N, C]. N is free, and so are H and W, which DL4J does not keep: a
 * network that ends in a global pooling takes images of any size that it can shrink. An input that
 * only elementwise functions read is taken to be rows.
 *
 * <p>Children are convolutions with the plain kernels that they derive, each written out, so that
 * sharing does not make the file smaller.
 */
@UtilityClass
public class OnnxFile {

  /** The version of ONNX's operators: that of 2020, which all its programs know by now. */
  public static final int OPSET = 13;

  private static final int IR_VERSION = Version.IR_VERSION_2020_5_8_VALUE;

  /**
   * Writes a file. It appears complete or not at all; one of the same name is replaced.
   *
   * @param folded whether normalisations become part of the convolutions before them, as {@link
   *     CompiledNetwork} has it: fewer nodes, other kernels than the graph's
   * @throws IllegalArgumentException if a vertex has no form in ONNX; names it and its kind
   * @throws IOException if the file cannot be written
   */
  public static void write(ComputationGraph graph, Path file, boolean folded) throws IOException {
    ModelProto model = model(graph, folded);
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(unfinished))) {
        model.writeTo(out);
      }
      Files.move(unfinished, file, ATOMIC_MOVE, REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static ModelProto model(ComputationGraph graph, boolean folded) {
    Program traced = Tracer.trace(graph);
    traced.steps().forEach(OnnxFile::requireForm);
    Program program = folded ? Folding.fold(traced) : traced;
    List<String> outputs = graph.getConfiguration().getNetworkOutputs();
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setProducerName("dl4j-kerneldna")
        .setGraph(OnnxProgram.of(program, outputs))
        .build();
  }

  private static void requireForm(Step step) {
    if (step instanceof Step.Vertex vertex) {
      throw new IllegalArgumentException(
          "Vertex \"%s\" is %s, which cannot be written as ONNX: give a network without it"
              .formatted(vertex.name(), kind(vertex)));
    }
  }

  private static String kind(Step.Vertex step) {
    if (!(step.vertex() instanceof LayerVertex vertex)) {
      return step.vertex().getClass().getSimpleName();
    }
    String layer = Tracer.unfrozen(vertex.getLayer().conf().getLayer()).getClass().getSimpleName();
    return vertex.getLayerPreProcessor() == null
        ? layer
        : layer + " after a " + vertex.getLayerPreProcessor().getClass().getSimpleName();
  }
}
