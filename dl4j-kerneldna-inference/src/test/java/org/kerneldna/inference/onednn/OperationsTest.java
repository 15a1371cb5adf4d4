package org.kerneldna.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.graph.Interpreter;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Nonlinearity.Function;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
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

/** Every operation of the language, against its definition in double precision. */
class OperationsTest {

  private static final long[] ONE = {1, 1};

  /** Layouts by their names: the order of the dimensions, and how to read that as images. */
  private static final Map<String, List<Transpose>> LAYOUTS =
      Map.of(
          "channels last", List.of(new Transpose(0, 2, 3, 1), new Transpose(0, 3, 1, 2)),
          "rows first", List.of(new Transpose(0, 2, 1, 3), new Transpose(0, 2, 1, 3)),
          "columns first", List.of(new Transpose(0, 3, 2, 1), new Transpose(0, 3, 2, 1)));

  private static final List<Nonlinearity> ENDINGS =
      List.of(
          Nonlinearity.IDENTITY,
          Nonlinearity.RELU,
          Nonlinearity.RELU6,
          Nonlinearity.TANH,
          Nonlinearity.of(Function.MISH));

  /** An operation on arrays: those named x are the network's, the others its constants. */
  private record Case(Operation op, long[]... shapes) {
    @Override
    public String toString() {
      return op + " of " + Arrays.deepToString(shapes);
    }
  }

  private static Case of(Operation op, long[]... shapes) {
    return new Case(op, shapes);
  }

  private static long[] s(long... shape) {
    return shape;
  }

  private static Window window(long kernel, long stride, long dilation, long padding) {
    return Window.padded(
        s(kernel, kernel), s(stride, stride), s(dilation, dilation), padding, padding);
  }

  static Stream<Case> convolutions() {
    Window same = Window.same(s(3, 2), s(2, 1), 1, 2);
    Window uneven = new Window(s(3, 3), s(2, 2), ONE, s(0, 1), s(2, 0), false);
    List<Case> cases = new ArrayList<>();
    for (long channels : s(5, 16, 32)) {
      long[] x = s(2, channels, 11, 10);
      long[] kernel = s(32, channels, 3, 3);
      for (Nonlinearity act : channels == 5 ? List.of(Nonlinearity.RELU) : ENDINGS) {
        for (long padding = 0; padding < 4; padding++) {
          cases.add(
              of(new Convolution(window(3, 1, 1, padding), 1, true).then(act), x, kernel, s(32)));
        }
        cases.add(
            of(
                new Convolution(window(3, 1, 1, 1), 1, false).plus().then(act),
                x,
                kernel,
                s(2, 32, 11, 10)));
      }
      cases.add(of(new Convolution(window(3, 1, 2, 2), 1, true), x, kernel, s(32)));
      cases.add(of(new Convolution(window(3, 3, 1, 0), 1, false), x, kernel));
      cases.add(of(new Convolution(same, 1, false), x, s(4, channels, 3, 2)));
      cases.add(of(new Convolution(uneven, 1, false), x, kernel));
      cases.add(
          of(
              new Deconvolution(window(3, 2, 1, 1), true, Nonlinearity.TANH),
              x,
              s(channels, 6, 3, 3),
              s(6)));
      cases.add(
          of(
              new Deconvolution(window(2, 2, 1, 0), false, Nonlinearity.IDENTITY),
              x,
              s(channels, 16, 2, 2)));
      cases.add(
          of(
              new Deconvolution(
                  Window.same(s(3, 3), s(2, 2), 1, 1), false, Nonlinearity.of(Function.MISH)),
              x,
              s(channels, 6, 3, 3)));
      cases.add(
          of(
              new Deconvolution(Window.same(s(2, 2), s(3, 3), 1, 1), false, Nonlinearity.IDENTITY),
              x,
              s(channels, 6, 2, 2)));
      cases.add(
          of(
              new Deconvolution(window(3, 1, 2, 0), false, Nonlinearity.IDENTITY),
              x,
              s(channels, 6, 3, 3)));
    }
    for (long groups : s(2, 6)) {
      for (long multiplier : s(1, 2)) {
        cases.add(
            of(
                new Convolution(window(3, 1, 1, 1), groups, true),
                s(2, 6, 7, 8),
                s(6 * multiplier, 6 / groups, 3, 3),
                s(6 * multiplier)));
      }
    }
    for (long groups : s(1, 2)) {
      Convolution c = new Convolution(window(3, 2, 1, 1), groups, true);
      cases.add(of(c, s(3, 4, 7, 8), s(3, 6, 4 / groups, 3, 3), s(6)));
      cases.add(
          of(
              c.plus().then(Nonlinearity.TANH),
              s(3, 4, 7, 8),
              s(3, 6, 4 / groups, 3, 3),
              s(6),
              s(3, 6, 4, 4)));
      cases.add(
          of(
              new Convolution(window(3, 1, 1, 1), groups, false).then(Nonlinearity.RELU),
              s(3, 16, 7, 8),
              s(3, 16, 16 / groups, 3, 3)));
    }
    return cases.stream();
  }

  static Stream<Case> others() {
    long[] x = s(2, 6, 8, 4);
    List<Case> cases = new ArrayList<>();
    for (boolean biased : new boolean[] {false, true}) {
      Linear linear = new Linear(biased, Nonlinearity.of(Function.SOFTPLUS));
      cases.add(biased ? of(linear, s(3, 7), s(5, 7), s(5)) : of(linear, s(3, 7), s(5, 7)));
    }
    cases.add(of(new LayerNorm(1e-3), x, s(6), s(6)));
    cases.add(of(new LayerNorm(1e-6), s(3, 6), s(6), s(6)));
    cases.add(of(new LayerNorm(1e-6), s(3, 6, 5), s(6), s(6)));
    cases.add(of(new Affine(), x, s(6), s(6)));
    cases.add(of(new Affine(), s(3, 6), s(6), s(6)));
    cases.add(of(new Affine(), s(2, 4, 1, 3), s(4), s(4)));
    cases.add(of(new Affine(), s(2, 4, 3, 1), s(4), s(4)));
    for (int axis : new int[] {-1, 0, 1, 2}) {
      cases.add(of(new Softmax(axis), x));
    }
    cases.add(of(new Softmax(-1), s(3, 5)));
    for (Pool.Kind kind : Pool.Kind.values()) {
      for (boolean counts : new boolean[] {false, true}) {
        cases.add(of(new Pool(kind, window(3, 2, 1, 1), counts), x));
        cases.add(of(new Pool(kind, window(2, 2, 1, 0), counts), x));
        cases.add(of(new Pool(kind, Window.same(s(3, 2), s(2, 2), 1, 1), counts), x));
        cases.add(of(new Pool(kind, Window.same(s(2, 2), s(3, 3), 1, 1), counts), x));
        cases.add(of(new Pool(kind, window(2, 1, 2, 0), counts), x));
        cases.add(of(new Pool(kind, Window.same(s(1, 5), ONE, 1, 1), counts), s(2, 3, 2, 1)));
        cases.add(of(new Pool(kind, Window.same(s(6, 5), ONE, 1, 1), counts), s(2, 16, 2, 1)));
      }
    }
    for (Reduce.Kind kind : Reduce.Kind.values()) {
      for (int[] axes : new int[][] {{2, 3}, {1}, {0}, {3}, {1, 2, 3}}) {
        cases.add(of(new Reduce(kind, false, axes), x));
        cases.add(of(new Reduce(kind, true, axes), x));
        cases.add(of(new Reduce(kind, false, axes), s(2, 16, 1, 1)));
      }
      cases.add(of(new Reduce(kind, false, 1), s(3, 5)));
    }
    for (int axis = 0; axis < 4; axis++) {
      cases.add(of(new Concat(axis), s(2, 16, 5, 4), s(2, 16, 5, 4), s(2, 16, 5, 4)));
      cases.add(of(new Slice(axis, 1, Slice.END), x));
      cases.add(of(new Slice(axis, 0, -1), x));
    }
    cases.add(of(new Concat(1), s(2, 3), s(2, 1), s(2, 4)));
    cases.add(of(new Slice(1, 16, 32), s(2, 48, 3, 3)));
    cases.add(of(new Slice(1, 3, 20), s(2, 48, 3, 3)));
    cases.add(of(new Pad(1, 0, 2, 3), x));
    cases.add(of(new Pad(1, 2, 0, 3), s(2, 16, 3, 3)));
    cases.add(of(new Upsample(2, 3), x));
    cases.add(of(new Upsample(1, 5), s(2, 16, 3, 3)));
    cases.add(of(new SpaceToDepth(2), x));
    cases.add(of(new LocalResponseNorm(5, 2, 1e-2, 0.75), x));
    cases.add(of(new LocalResponseNorm(3, 1, 0.5, 0.5), s(2, 16, 3, 3)));
    cases.add(of(new Transpose(0, 2, 1, 3), x));
    cases.add(of(new Transpose(0, 2, 1), s(3, 2)));
    cases.add(of(new Reshape(0, -1), x));
    cases.add(of(new Reshape(-1, 3, 4), x));
    cases.add(of(new Reshape(0, 0, 1, 1), s(3, 5)));
    return cases.stream();
  }

  static Stream<Case> pairs() {
    long[] x = s(2, 6, 5, 4);
    List<long[]> others =
        List.of(
            x,
            s(2, 6, 1, 1),
            s(1, 6, 1, 1),
            s(2, 1, 1, 1),
            s(2, 1, 5, 4),
            s(1, 6, 5, 4),
            s(1, 1, 5, 4),
            s(2, 6, 5, 1),
            s(2, 6, 1, 4),
            s(6, 1, 1),
            s(4),
            s(1),
            s());
    List<Case> cases = new ArrayList<>();
    for (Arithmetic.Kind kind : Arithmetic.Kind.values()) {
      Nonlinearity act =
          kind == Arithmetic.Kind.SUBTRACT ? Nonlinearity.TANH : Nonlinearity.IDENTITY;
      for (long[] other : others) {
        cases.add(of(new Arithmetic(kind, act), x, other));
        cases.add(of(new Arithmetic(kind, act), other, x));
      }
      cases.add(of(new Arithmetic(kind, act), s(1, 16, 2, 3), s(1, 1, 2, 3)));
      cases.add(of(new Arithmetic(kind, act), s(3, 1), s(1, 4)));
      cases.add(of(new Arithmetic(kind, act), s(2, 1, 5, 1), s(6, 1, 4)));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource({"convolutions", "others", "pairs"})
  void computesByDefinition(Case c) {
    // Given by the caller, computed before, in another layout, or constant.
    assertAgrees(c, "given");
    assertAgrees(c, "computed");
    LAYOUTS.keySet().forEach(layout -> assertAgrees(c, layout));
    if (!(c.op instanceof Transpose) && !(c.op instanceof Reshape)) {
      assertAgrees(c, "in blocks");
    }
    if (c.shapes.length > 1) {
      assertAgrees(c, "constant");
    }
  }

  @ParameterizedTest
  @EnumSource
  void knowsAllFunctions(Function function) {
    Nonlinearity act = new Nonlinearity(function, 0.7, function == Function.POWER ? 2 : 1.2);
    if (!act.isIdentity()) {
      assertAgrees(of(new Activate(act), s(2, 5, 3, 4)), "given");
      assertAgrees(of(new Activate(act), s(2, 5)), "computed");
    }
    Convolution c = new Convolution(window(3, 1, 1, 1), 1, true).then(act);
    assertAgrees(of(c, s(2, 16, 6, 6), s(16, 16, 3, 3), s(16)), "given");
  }

  /** Also of numbers whose powers are too small or too large for a float. */
  @ParameterizedTest
  @ValueSource(doubles = {-2, -1, -0.5, 0, 1.0 / 3, 0.5, 1, 1.5, 2, 3, 4, 5, 9, 64})
  void raisesToPowers(double exponent) {
    float[] numbers = {1e-20f, 1e-14f, 1e30f, -1e30f, -1e-20f, 0, 1, -1, 0.3f, -1.7f, 2.5f, 7};
    double[] expected = new double[2 * numbers.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) (0.5 * (float) Math.pow(numbers[i / 2], exponent));
    }
    INDArray x = Nd4j.create(numbers, new long[] {numbers.length, 1, 1, 1}, 'c');
    INDArray ones = Nd4j.ones(DataType.FLOAT, 2, 1, 1, 1);
    Nonlinearity power = new Nonlinearity(Function.POWER, 0.5, exponent);
    Convolution twice = new Convolution(window(1, 1, 1, 0), 1, false);
    Program program =
        new Program(
            List.of("x"),
            List.of(
                new Node("alone", new Activate(power), List.of("x"), "v"),
                new Node("ones", new Parameter(Role.CONSTANT, ones, 2, 1, 1, 1), List.of(), "v"),
                new Node("conv", twice, List.of("x", "ones"), "v"),
                new Node("ending", new Activate(power), List.of("conv"), "v")),
            List.of("alone", "ending"));
    try (Executable executable = new Executable(program, Long.MAX_VALUE)) {
      INDArray[] actual = executable.run(x);
      for (int i = 0; i < expected.length; i++) {
        for (double y : new double[] {actual[0].getDouble(i / 2), actual[1].getDouble(i)}) {
          if (Double.isFinite(expected[i])) {
            assertThat(y).isCloseTo(expected[i], within(Math.abs(expected[i]) * 2e-6));
          } else {
            assertThat(Double.valueOf(y)).isEqualTo(Double.valueOf(expected[i]));
          }
        }
      }
    }
  }

  /** Among equal layouts oneDNN chooses another one for the output. */
  @Test
  void joinsRowsOfOneInBothOrders() {
    Program program =
        new Program(
            List.of("a", "b"),
            List.of(
                new Node("row", new Reshape(1, 2), List.of("b"), "v"),
                new Node("c", new Transpose(1, 0), List.of("row"), "v"),
                new Node("ac", new Concat(1), List.of("a", "c"), "v"),
                new Node("ca", new Concat(1), List.of("c", "a"), "v")),
            List.of("ac", "ca"));
    assertAgrees(
        program,
        "rows of one",
        Nd4j.createFromArray(1f, 2f).reshape(2, 1),
        Nd4j.createFromArray(3f, 4f).reshape(2, 1));
  }

  /** Convolutions beside one by Winograd's algorithm give blocks of 16 channels. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 18, 32})
  void endsSumsOfBlocksThatAreNotFull(long channels) {
    Convolution pointwise = new Convolution(window(1, 1, 1, 0), 1, false);
    Convolution winograd = new Convolution(window(3, 1, 1, 1), 1, false);
    for (Nonlinearity act : List.of(Nonlinearity.linear(0.5, 0), Nonlinearity.linear(2, 1))) {
      Nd4j.getRandom().setSeed(4);
      INDArray kernel = Nd4j.randn(DataType.FLOAT, channels, 16, 1, 1).muli(0.2);
      INDArray square = Nd4j.randn(DataType.FLOAT, 16, 16, 3, 3).muli(0.1);
      Program program =
          new Program(
              List.of("x"),
              List.of(
                  new Node(
                      "k", new Parameter(Role.CONSTANT, kernel, kernel.shape()), List.of(), "v"),
                  new Node(
                      "s", new Parameter(Role.CONSTANT, square, square.shape()), List.of(), "v"),
                  new Node("w", winograd, List.of("x", "s"), "v"),
                  new Node("a", pointwise.then(Nonlinearity.TANH), List.of("x", "k"), "v"),
                  new Node("b", pointwise.then(Nonlinearity.RELU), List.of("x", "k"), "v"),
                  new Node("y", new Arithmetic(Arithmetic.Kind.ADD, act), List.of("a", "b"), "v")),
              List.of("y", "w"));
      assertAgrees(
          program, channels + " channels, " + act, Nd4j.randn(DataType.FLOAT, 2, 16, 4, 5));
    }
  }

  private static void assertAgrees(Case c, String how) {
    List<Node> nodes = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<INDArray> given = new ArrayList<>();
    Nd4j.getRandom().setSeed(4);
    for (long[] shape : c.shapes) {
      String name = "x" + names.size();
      INDArray numbers = Nd4j.rand(DataType.FLOAT, shape).muli(2).subi(0.9).dup('c');
      if (c.op instanceof Convolution && names.size() == 1) {
        numbers.muli(0.1);
      }
      if (isConstant(c, how, names.size())) {
        nodes.add(new Node(name, new Parameter(Role.CONSTANT, numbers, shape), List.of(), "v"));
      } else {
        inputs.add(name);
        given.add(numbers);
        name = prepared(how, name, shape, nodes);
      }
      names.add(name);
    }
    nodes.add(new Node("y", c.op, names, "v"));
    nodes.add(new Node("z", new Activate(Nonlinearity.linear(0.5, 1)), List.of("y"), "v"));
    Program program = new Program(inputs, nodes, List.of("y", "z"));
    assertAgrees(program, "%s, %s".formatted(c, how), given.toArray(INDArray[]::new));
  }

  private static void assertAgrees(Program program, String name, INDArray... arrays) {
    List<INDArray> expected = Interpreter.outputs(program, arrays);
    INDArray[] copies = Stream.of(arrays).map(INDArray::dup).toArray(INDArray[]::new);
    // In parts, if each sample may be computed for itself, and in one piece.
    try (Executable parts = new Executable(program, 0);
        Executable whole = new Executable(program, Long.MAX_VALUE)) {
      for (Executable executable : List.of(parts, whole, whole)) {
        INDArray[] actual = executable.run(arrays);
        for (int i = 0; i < actual.length; i++) {
          assertThat(actual[i].shape()).as(name).isEqualTo(expected.get(i).shape());
          double scale = Math.max(1, expected.get(i).amaxNumber().doubleValue());
          double apart =
              expected.get(i).sub(actual[i].castTo(DataType.DOUBLE)).amaxNumber().doubleValue();
          assertThat(apart / scale).as(name).isLessThan(2e-6);
        }
      }
      for (int i = 0; i < arrays.length; i++) {
        assertThat(arrays[i]).isEqualTo(copies[i]);
      }
    }
  }

  /** A number without dimensions is no input of a network. */
  private static boolean isConstant(Case c, String how, int index) {
    return c.shapes[index].length == 0
        || how.equals("constant") && index != (c.shapes[0].length == 0 ? 1 : 0);
  }

  /** The name of an input's value as it is to lie. */
  private static String prepared(String how, String name, long[] shape, List<Node> nodes) {
    if (LAYOUTS.containsKey(how) && shape.length == 4) {
      // Written in that order, and read as it lies.
      Transpose there = LAYOUTS.get(how).get(0);
      long[] lies = IntStream.of(there.order()).mapToLong(d -> shape[d]).toArray();
      nodes.add(new Node(name + "l", there, List.of(name), "v"));
      nodes.add(new Node(name + "w", new Reshape(-1), List.of(name + "l"), "v"));
      nodes.add(new Node(name + "r", new Reshape(lies), List.of(name + "w"), "v"));
      nodes.add(new Node(name + "f", LAYOUTS.get(how).get(1), List.of(name + "r"), "v"));
      return name + "f";
    }
    if (how.equals("in blocks") && shape.length == 4 && shape[1] % 16 == 0) {
      // What a convolution gives that leaves the numbers as they are.
      INDArray identity =
          Nd4j.eye(shape[1]).castTo(DataType.FLOAT).reshape('c', shape[1], shape[1], 1, 1);
      nodes.add(
          new Node(
              name + "k",
              new Parameter(Role.CONSTANT, identity, identity.shape()),
              List.of(),
              "v"));
      nodes.add(
          new Node(
              name + "b",
              new Convolution(window(1, 1, 1, 0), 1, false),
              List.of(name, name + "k"),
              "v"));
      return name + "b";
    }
    if (how.equals("computed")) {
      nodes.add(new Node(name + "c", new Activate(Nonlinearity.linear(1, 0)), List.of(name), "v"));
      return name + "c";
    }
    return name;
  }
}
