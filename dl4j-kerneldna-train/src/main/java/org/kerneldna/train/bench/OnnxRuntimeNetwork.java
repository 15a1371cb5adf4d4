package org.kerneldna.train.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.inference.OnnxFile;
import org.kerneldna.layers.math.Dense;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A graph in ONNX Runtime, as the file has it that {@link OnnxFile} writes, with its input. */
final class OnnxRuntimeNetwork implements AutoCloseable {

  private static final OrtEnvironment RUNTIME = OrtEnvironment.getEnvironment();

  private final OnnxTensor images;
  private final Map<String, OnnxTensor> inputs;
  private final OrtSession session;

  /**
   * @param graph of one input and one output
   * @param images [N, C, H, W]
   * @param threads at work on an operation
   * @param folder where the file lies until ONNX Runtime has read it
   * @throws InputException if it cannot be written there
   */
  OnnxRuntimeNetwork(ComputationGraph graph, INDArray images, int threads, Path folder) {
    try {
      this.session = session(graph, threads, folder);
      this.images = OnnxTensor.createTensor(RUNTIME, floats(images), images.shape());
    } catch (OrtException e) {
      throw failed(e);
    }
    this.inputs = Map.of(graph.getConfiguration().getNetworkInputs().get(0), this.images);
  }

  static String version() {
    return RUNTIME.getVersion();
  }

  private static OrtSession session(ComputationGraph graph, int threads, Path folder)
      throws OrtException {
    Path file = null;
    try (OrtSession.SessionOptions options = options(threads)) {
      file = Files.createTempFile(folder, "kerneldna", ".onnx");
      OnnxFile.write(graph, file, true);
      return RUNTIME.createSession(file.toString(), options);
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be written into: %s; name another folder by -Djava.io.tmpdir"
              .formatted(folder, e),
          e);
    } finally {
      if (file != null) {
        file.toFile().delete();
      }
    }
  }

  private static OrtSession.SessionOptions options(int threads) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(threads);
    // Its threads wait in a loop for the next operation; not into the next competitor's turn.
    options.addConfigEntry("session.force_spinning_stop", "1");
    return options;
  }

  /** Outside of Java's heap, where ONNX Runtime reads them without a copy. */
  private static FloatBuffer floats(INDArray array) {
    return ByteBuffer.allocateDirect(Math.toIntExact(array.length() * Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .put(Dense.floats(array))
        .rewind();
  }

  /** Runs the network: its output, row by row. */
  float[] output() {
    try (OrtSession.Result result = session.run(inputs)) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] output = new float[values.remaining()];
      values.get(output);
      return output;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private static IllegalStateException failed(OrtException e) {
    return new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    images.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw failed(e);
    }
  }
}
