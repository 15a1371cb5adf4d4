package org.kerneldna.inference.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
import org.nd4j.shade.protobuf.UnsafeByteOperations;

/** An ONNX graph in the making: nodes of one output each, which they are named after. */
final class OnnxGraph {

  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
  private static final int INT64 = TensorProto.DataType.INT64_VALUE;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("kerneldna");
  private final Set<String> names;

  /** Names that nodes have read. */
  private final Set<String> read = new HashSet<>();

  /**
   * @param names of values to come, which no other value may have
   */
  OnnxGraph(Collection<String> names) {
    this.names = new HashSet<>(names);
  }

  GraphProto build() {
    return graph.build();
  }

  boolean reads(String name) {
    return read.contains(name);
  }

  /** A name that no value has: this one, or one like it. */
  String unused(String name) {
    String free = name;
    while (!names.add(free)) {
      free += "'";
    }
    return free;
  }

  /** Adds a node and returns its output's name. */
  String node(String operator, String name, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addOutput(name)
            .addAllAttribute(Arrays.asList(attributes)));
    read.addAll(inputs);
    return name;
  }

  /** Adds numbers that are the same for all inputs, and returns their name. */
  String tensor(String name, INDArray values, long... shape) {
    return tensor(name, Dense.floats(values), shape);
  }

  /** Adds a number and returns its name. */
  String scalar(String name, double value) {
    return tensor(unused(name), new float[] {(float) value});
  }

  /** Adds a vector of numbers and returns its name. */
  String vector(String name, float... values) {
    return tensor(unused(name), values, values.length);
  }

  /** Adds a vector of sizes or positions and returns its name. */
  String vector(String name, long... values) {
    ByteBuffer bytes = bytes(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return tensor(unused(name), INT64, bytes, values.length);
  }

  private String tensor(String name, float[] values, long... shape) {
    ByteBuffer bytes = bytes(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return tensor(name, FLOAT, bytes, shape);
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String tensor(String name, int type, ByteBuffer bytes, long... shape) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type);
    Arrays.stream(shape).forEach(tensor::addDims);
    graph.addInitializer(tensor.setRawData(UnsafeByteOperations.unsafeWrap(bytes)));
    return name;
  }

  void input(String name, long... shape) {
    graph.addInput(value(name, shape));
  }

  void output(String name, long... shape) {
    graph.addOutput(value(name, shape));
  }

  private static ValueInfoProto.Builder value(String name, long... shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (int d = 0; d < shape.length; d++) {
      dims.addDim(
          shape[d] < 0
              ? Dimension.newBuilder().setDimParam(free(name, shape, d))
              : Dimension.newBuilder().setDimValue(shape[d]));
    }
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(dims);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type));
  }

  /** What a dimension is called that is free: one name for the same size. */
  private static String free(String name, long[] shape, int dimension) {
    if (shape[dimension] == InputShapes.BATCH) {
      return "N";
    }
    return name
        + switch (dimension) {
          case 0 -> "_rows";
          case 1 -> "_channels";
          default -> dimension == shape.length - 1 ? "_width" : "_height";
        };
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

  static AttributeProto number(String name, double value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF((float) value)
        .build();
  }

  static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }
}
