package org.kerneldna.inference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TensorShapeProto.Dimension;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;

/** An ONNX graph in the making: nodes of one output each, which they are named after. */
final class OnnxGraph {

  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

  /** The dimension that is free and the same for all inputs and outputs. */
  private static final String BATCH = "N";

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("kerneldna");

  GraphProto build() {
    return graph.build();
  }

  /** Adds a node; its output's name. */
  String node(String operator, String name, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addOutput(name)
            .addAllAttribute(Arrays.asList(attributes)));
    return name;
  }

  /** Adds numbers that are the same for all inputs; their name. */
  String tensor(String name, INDArray values, long... shape) {
    return tensor(name, Dense.floats(values), shape);
  }

  /** Adds a number; its name. */
  String scalar(String name, double value) {
    return tensor(name, new float[] {(float) value});
  }

  private String tensor(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(FLOAT);
    Arrays.stream(shape).forEach(tensor::addDims);
    graph.addInitializer(tensor.setRawData(ByteString.copyFrom(bytes)));
    return name;
  }

  void input(String name, OnnxShape shape) {
    graph.addInput(value(name, shape));
  }

  void output(String name, OnnxShape shape) {
    graph.addOutput(value(name, shape));
  }

  private static ValueInfoProto.Builder value(String name, OnnxShape shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder().addDim(free(BATCH));
    dims.addDim(
        shape.channels() == OnnxShape.UNKNOWN
            ? free(name + "_channels")
            : Dimension.newBuilder().setDimValue(shape.channels()));
    if (shape.isImages()) {
      dims.addDim(free(name + "_height")).addDim(free(name + "_width"));
    }
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(dims);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type));
  }

  private static Dimension.Builder free(String name) {
    return Dimension.newBuilder().setDimParam(name);
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }

  static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }
}
