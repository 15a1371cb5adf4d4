package org.kerneldna.inference.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lombok.experimental.UtilityClass;
import onnx.Onnx.ModelProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Models as ONNX Runtime runs them. */
@UtilityClass
public class OnnxRuntime {

  private static final OrtEnvironment RUNTIME = OrtEnvironment.getEnvironment();

  /** The outputs for these inputs, both in the model's order. */
  public static List<INDArray> run(ModelProto model, INDArray... inputs) throws OrtException {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      FloatBuffer values = FloatBuffer.wrap(inputs[i].dup('c').data().asFloat());
      tensors.put(
          model.getGraph().getInput(i).getName(),
          OnnxTensor.createTensor(RUNTIME, values, inputs[i].shape()));
    }
    try (OrtSession session = session(model, OptLevel.ALL_OPT);
        OrtSession.Result result = session.run(tensors)) {
      return model.getGraph().getOutputList().stream()
          .map(ValueInfoProto::getName)
          .map(name -> array(result.get(name).orElseThrow()))
          .toList();
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /**
   * Fails if the runtime does not take the model at the levels of optimisation below {@link
   * #run}'s.
   */
  public static void requireTaken(ModelProto model) throws OrtException {
    for (OptLevel level : EnumSet.complementOf(EnumSet.of(OptLevel.ALL_OPT))) {
      session(model, level).close();
    }
  }

  private static OrtSession session(ModelProto model, OptLevel level) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // Leaves the other cores to the tests' neighbours.
      options.setIntraOpNumThreads(1);
      options.setOptimizationLevel(level);
      return RUNTIME.createSession(model.toByteArray(), options);
    }
  }

  private static INDArray array(OnnxValue value) {
    OnnxTensor tensor = (OnnxTensor) value;
    float[] values = new float[tensor.getFloatBuffer().remaining()];
    tensor.getFloatBuffer().get(values);
    return Nd4j.create(values, tensor.getInfo().getShape(), 'c');
  }

  /** The dimensions of a value, free ones by their names. */
  public static List<String> dimensions(ValueInfoProto value) {
    var shape = value.getType().getTensorType().getShape();
    return IntStream.range(0, shape.getDimCount())
        .mapToObj(shape::getDim)
        .map(d -> d.hasDimParam() ? d.getDimParam() : String.valueOf(d.getDimValue()))
        .toList();
  }
}
