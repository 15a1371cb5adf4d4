package org.kerneldna.inference.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.Interpreter;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Nonlinearity.Function;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.LocalResponseNorm;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Operation.Upsample;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.Window;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every operation in ONNX Runtime against what it is by definition. */
class OnnxProgramTest {

  private static final int BATCH = 2;
  private static final long[] IMAGES = {BATCH, 4, 9, 8};
  private static final long[] ROWS = {BATCH, 6};
  private static final long[] SERIES = {BATCH, 4, 5};

  /**
   * One operation on an input of some shape and numbers of some shapes.
   *
   * @param free whether the operation tells what its input is
   */
  private record Case(Operation operation, boolean free, long[] input, long[]... numbers) {

    Program program() {
      List<Node> nodes = new ArrayList<>();
      List<String> inputs = new ArrayList<>(List.of("x"));
      for (int i = 0; i < numbers.length; i++) {
        // Positive, as variances are.
        INDArray values = Nd4j.rand(DataType.FLOAT, numbers[i]).addi(0.1);
        String name = "y:" + i;
        nodes.add(new Node(name, new Parameter(Role.LEARNED, values, numbers[i]), List.of(), "y"));
        inputs.add(name);
      }
      nodes.add(new Node("y", operation, inputs, "y"));
      return new Program(List.of("x"), nodes, List.of("y"));
    }

    InputType type() {
      return switch (input.length) {
        case 2 -> InputType.feedForward(input[1]);
        case 3 -> InputType.recurrent(input[1], input[2]);
        default -> InputType.convolutional(input[2], input[3], input[1]);
      };
    }

    @Override
    public String toString() {
      return operation + " of " + Arrays.toString(input);
    }
  }

  @ParameterizedTest
  @MethodSource({
    "convolutions",
    "normalisations",
    "functions",
    "windows",
    "reductions",
    "rearrangements"
  })
  void computesWhatTheOperationDoes(Case of) throws Exception {
    Nd4j.getRandom().setSeed(3);
    Program program = of.program();
    INDArray x = Nd4j.randn(DataType.FLOAT, of.input());
    INDArray expected = Interpreter.outputs(program, x).get(0);
    assertAgree(OnnxModel.of(program, List.of("y"), false, of.type()), x, expected);
    if (of.free()) {
      assertAgree(OnnxModel.of(program, List.of("y"), false), x, expected);
    }
  }

  private static void assertAgree(ModelProto model, INDArray x, INDArray expected)
      throws Exception {
    OnnxRules.require(model.getGraph());
    OnnxRuntime.requireTaken(model);
    INDArray actual = OnnxRuntime.run(model, x).get(0);
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double most = expected.amaxNumber().doubleValue();
    assertThat(most).isPositive().isFinite();
    assertThat(actual.sub(expected).amaxNumber().doubleValue() / most).isCloseTo(0, within(1e-5));
  }

  private static Case free(Operation operation, long[] input, long[]... numbers) {
    return new Case(operation, true, input, numbers);
  }

  private static Case typed(Operation operation, long[] input, long[]... numbers) {
    return new Case(operation, false, input, numbers);
  }

  private static long[] of(long... values) {
    return values;
  }

  private static Window padded(long kernel, long stride, long dilation, long... padding) {
    return Window.padded(of(kernel, kernel), of(stride, stride), of(dilation, dilation), padding);
  }

  private static Window same(long kernel, long stride, long dilation) {
    return Window.same(of(kernel, kernel), of(stride, stride), dilation, dilation);
  }

  static Stream<Case> convolutions() {
    Nonlinearity relu = Nonlinearity.RELU;
    Window uneven = new Window(of(3, 2), of(2, 1), of(1, 2), of(0, 1), of(2, 0), false);
    long[] kernel = {6, 4, 3, 3};
    return Stream.of(
        free(new Convolution(padded(3, 1, 1, 1, 2), 1, false), IMAGES, kernel),
        free(new Convolution(padded(3, 2, 2, 1, 0), 1, true), IMAGES, kernel, of(6)),
        free(new Convolution(uneven, 1, true), IMAGES, of(6, 4, 3, 2), of(6)),
        free(new Convolution(padded(3, 1, 1, 0, 0), 2, true), IMAGES, of(6, 2, 3, 3), of(6)),
        free(new Convolution(padded(3, 1, 2, 0, 0), 4, false), IMAGES, of(4, 1, 3, 3)),
        free(new Convolution(same(2, 1, 1), 1, false), IMAGES, of(6, 4, 2, 2)),
        free(new Convolution(same(3, 1, 2), 1, false), IMAGES, kernel),
        free(new Convolution(same(3, 2, 1), 1, false), IMAGES, kernel),
        typed(new Convolution(same(3, 2, 2), 1, false), IMAGES, kernel),
        free(new Convolution(same(1, 3, 1), 1, false), IMAGES, of(6, 4, 1, 1)),
        free(
            new Convolution(padded(1, 1, 1, 0, 0), 1, true, true, relu),
            IMAGES,
            of(6, 4, 1, 1),
            of(6),
            of(BATCH, 6, 9, 8)),
        free(new Convolution(padded(1, 1, 1, 0, 0), 1, false), IMAGES, of(BATCH, 6, 4, 1, 1)),
        free(new Convolution(same(3, 1, 1), 1, true), IMAGES, of(BATCH, 6, 4, 3, 3), of(6)),
        typed(
            new Convolution(same(3, 2, 2), 1, true, true, relu),
            IMAGES,
            of(BATCH, 6, 4, 3, 3),
            of(6),
            of(BATCH, 6, 5, 4)),
        free(new Deconvolution(padded(3, 2, 1, 1, 0), true, relu), IMAGES, of(4, 5, 3, 3), of(5)),
        free(
            new Deconvolution(padded(2, 2, 2, 0, 0), false, Nonlinearity.IDENTITY),
            IMAGES,
            of(4, 5, 2, 2)),
        free(new Deconvolution(same(4, 2, 1), true, relu), IMAGES, of(4, 5, 4, 4), of(5)),
        free(new Deconvolution(same(3, 2, 1), true, relu), IMAGES, of(4, 5, 3, 3), of(5)),
        free(new Deconvolution(same(1, 3, 1), true, relu), IMAGES, of(4, 5, 1, 1), of(5)),
        free(new Linear(false), ROWS, of(3, 6)),
        free(new Linear(true, relu), ROWS, of(3, 6), of(3)));
  }

  static Stream<Case> normalisations() {
    BatchNorm batch = new BatchNorm(1e-3, false);
    LayerNorm layer = new LayerNorm(1e-6);
    return Stream.of(
        typed(batch, IMAGES, of(4), of(4), of(4), of(4)),
        typed(batch, SERIES, of(4), of(4), of(4), of(4)),
        free(batch, ROWS, of(6), of(6), of(6), of(6)),
        typed(layer, IMAGES, of(4), of(4)),
        typed(layer, SERIES, of(4), of(4)),
        free(layer, ROWS, of(6), of(6)),
        typed(new Affine(), IMAGES, of(4), of(4)),
        typed(new Affine(), SERIES, of(4), of(4)),
        free(new Affine(), ROWS, of(6), of(6)),
        free(new LocalResponseNorm(3, 2, 0.5, 0.75), IMAGES),
        typed(new Softmax(1), IMAGES),
        typed(new Softmax(-1), IMAGES),
        free(new Softmax(1), ROWS));
  }

  static Stream<Case> functions() {
    return Stream.concat(
        Arrays.stream(Function.values())
            // A power of a negative number is none, but for whole exponents.
            .map(f -> new Nonlinearity(f, 0.3, f == Function.POWER ? 3 : 1.7))
            .map(act -> typed(new Activate(act), IMAGES)),
        Arrays.stream(Arithmetic.Kind.values())
            .flatMap(
                kind ->
                    Stream.of(
                        typed(new Arithmetic(kind), IMAGES, of(4, 1, 1)),
                        typed(new Arithmetic(kind, Nonlinearity.TANH), IMAGES, IMAGES))));
  }

  static Stream<Case> windows() {
    Pool.Kind max = Pool.Kind.MAXIMUM;
    Pool.Kind mean = Pool.Kind.MEAN;
    return Stream.concat(
        Stream.of(padded(3, 2, 1, 1, 0), same(3, 2, 1), same(2, 1, 1), padded(2, 2, 1, 0, 0))
            .flatMap(
                window ->
                    Stream.of(
                        free(new Pool(max, window, false), IMAGES),
                        free(new Pool(mean, window, true), IMAGES),
                        free(new Pool(mean, window, false), IMAGES))),
        Stream.of(padded(3, 2, 2, 1, 0), same(3, 1, 2), same(3, 2, 2))
            .flatMap(
                window ->
                    Stream.of(
                        typed(new Pool(max, window, false), IMAGES),
                        typed(new Pool(mean, window, true), IMAGES),
                        typed(new Pool(mean, window, false), IMAGES))));
  }

  static Stream<Case> reductions() {
    return Arrays.stream(Reduce.Kind.values())
        .flatMap(
            kind ->
                Stream.of(true, false)
                    .flatMap(
                        keeps ->
                            Stream.of(
                                free(new Reduce(kind, keeps, 2, 3), IMAGES),
                                typed(new Reduce(kind, keeps, 1), IMAGES),
                                typed(new Reduce(kind, keeps, 1, 2, 3), IMAGES),
                                typed(new Reduce(kind, keeps, 2), SERIES),
                                typed(new Reduce(kind, keeps, 1), ROWS))));
  }

  static Stream<Case> rearrangements() {
    return Stream.of(
        typed(new Concat(1), IMAGES, of(BATCH, 3, 9, 8)),
        typed(new Concat(3), IMAGES, of(BATCH, 4, 9, 2), of(BATCH, 4, 9, 1)),
        typed(new Slice(1, 1, 3), IMAGES),
        typed(new Slice(2, 1, -2), IMAGES),
        typed(new Slice(3, -3, Slice.END), IMAGES),
        typed(new Slice(1, 2, Slice.END), ROWS),
        free(new Pad(1, 2, 3, 0), IMAGES),
        free(new Upsample(2, 3), IMAGES),
        free(new SpaceToDepth(2), of(BATCH, 3, 4, 6)),
        typed(new Transpose(0, 1, 3, 2), IMAGES),
        typed(new Transpose(3, 1, 0, 2), IMAGES),
        typed(new Transpose(0, 2, 3, 1), ROWS),
        free(new Reshape(0, -1), IMAGES),
        free(new Reshape(0, 0, -1), IMAGES),
        free(new Reshape(0, 3, 1, 2), ROWS),
        typed(new Reshape(-1, 2), ROWS));
  }

  @Test
  void asksForSizesThatItNeeds() {
    assertRefused(
        typed(new Convolution(same(3, 2, 2), 1, false), IMAGES, of(6, 4, 3, 3)),
        "Vertex \"y\" has a stride, and pads by what the images need, which ONNX needs sizes for:"
            + " give the types of the network's inputs");
    assertRefused(
        typed(new Pool(Pool.Kind.MEAN, padded(2, 1, 2, 0, 0), true), IMAGES),
        "Vertex \"y\" takes the mean of dilated windows over its channels, which ONNX needs sizes"
            + " for: give the types of the network's inputs");
  }

  @Test
  void refusesGroupsOfKernelsPerSample() {
    assertRefused(
        typed(new Convolution(same(3, 1, 1), 2, false), IMAGES, of(BATCH, 6, 2, 3, 3)),
        "Vertex \"y\" convolves each sample in groups by kernels of its own, which cannot be"
            + " written as ONNX: give a network without it");
  }

  private static void assertRefused(Case of, String message) {
    assertThatThrownBy(() -> OnnxModel.of(of.program(), List.of("y"), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
