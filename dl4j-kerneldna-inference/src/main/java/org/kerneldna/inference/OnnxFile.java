package org.kerneldna.inference;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import lombok.experimental.UtilityClass;
import onnx.Onnx.ModelProto;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.inference.onnx.OnnxModel;

/**
 * Writes a graph's inference as an <a href="https://onnx.ai">ONNX</a> file, for the programs that
 * run such files.
 *
 * <p>The file computes what {@link ComputationGraph#output} does, up to rounding, in float32. Its
 * inputs and outputs go by the graph's names. Images are [N, C, H, W], also those of a graph whose
 * data format is NHWC; rows are [N, C]. N is free. So are H and W, unless the types of the inputs
 * are given: DL4J does not keep them, and a network that ends in a global pooling takes images of
 * any size that it can shrink. Without types, an input that only elementwise functions read is
 * taken to be rows.
 *
 * <p>Children are convolutions with the plain kernels that they derive, each written out, so that
 * sharing does not make the file smaller.
 */
@UtilityClass
public class OnnxFile {

  /** The version of ONNX's operators: that of 2020, which all its programs know by now. */
  public static final int OPSET = OnnxModel.OPSET;

  /**
   * Writes a file. It appears complete or not at all; one of the same name is replaced.
   *
   * @param folded whether normalisations become part of the convolutions before them, as {@link
   *     CompiledNetwork} has it: fewer nodes, other kernels than the graph's
   * @param types of all inputs, which fix their sizes, or none
   * @throws IllegalArgumentException if a vertex has no form in ONNX, or cannot take such inputs;
   *     names it
   * @throws IOException if the file cannot be written
   */
  public static void write(ComputationGraph graph, Path file, boolean folded, InputType... types)
      throws IOException {
    ModelProto model = OnnxModel.of(graph, folded, types);
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
}
