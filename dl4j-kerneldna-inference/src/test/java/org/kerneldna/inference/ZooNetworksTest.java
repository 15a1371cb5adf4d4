package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.StockZoo;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.inference.onnx.OnnxModel;
import org.kerneldna.inference.onnx.OnnxRules;
import org.kerneldna.inference.onnx.OnnxRuntime;
import org.kerneldna.zoo.Architecture;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The networks of DL4J's zoo and of ours, on small images: nothing is left to DL4J, and compiled
 * and as ONNX they compute what they are.
 */
class ZooNetworksTest {

  /**
   * A network of DL4J's zoo or ours.
   *
   * @param image what it takes
   */
  record Network(String name, InputType image, Supplier<ComputationGraph> graph) {

    INDArray images(int batch) {
      Nd4j.getRandom().setSeed(batch);
      long[] shape = image.getShape(true);
      shape[0] = batch;
      INDArray images = Nd4j.randn(DataType.FLOAT, shape);
      return image.getType() == InputType.Type.CNNFlat ? images.reshape(batch, -1) : images;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Network> networks() {
    return Stream.concat(
        Arrays.stream(StockZoo.values()).map(ZooNetworksTest::stock),
        Arrays.stream(Architecture.values()).flatMap(ZooNetworksTest::ours));
  }

  /** Those that take images as rows, too, are given rows. */
  private static Network stock(StockZoo zoo) {
    int[] shape = zoo.imageShape();
    InputType image =
        zoo == StockZoo.VGG16 || zoo == StockZoo.LE_NET
            ? InputType.convolutionalFlat(shape[1], shape[2], shape[0])
            : zoo.inputType();
    return new Network(zoo.name(), image, zoo::graph);
  }

  private static Stream<Network> ours(Architecture architecture) {
    return Stream.of(false, true)
        .map(
            customize ->
                new Network(
                    architecture + (customize ? " with KernelDNA" : ""),
                    InputType.convolutional(TestNetworks.SIZE, TestNetworks.SIZE, 3),
                    () -> TestNetworks.network(architecture, customize, CNN2DFormat.NCHW)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void computeWhatTheyAre(Network network) throws Exception {
    ComputationGraph graph = network.graph().get();
    INDArray images = network.images(3);
    VertexByVertex.fill(graph, 5, network.images(4));
    INDArray expected = graph.outputSingle(images);
    assertThat(GraphReader.read(graph).nodes())
        .extracting("operation")
        .doesNotHaveAnyElementsOfTypes(Opaque.class);

    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      assertAgree(compiled.outputSingle(images), expected);
    }
    ModelProto model = OnnxModel.of(graph, true, network.image());
    OnnxRules.require(model.getGraph());
    assertAgree(OnnxRuntime.run(model, images).get(0), expected);
    assertThat(OnnxRuntime.dimensions(model.getGraph().getOutput(0)))
        .endsWith(
            LongStream.of(expected.shape())
                .skip(1)
                .mapToObj(Long::toString)
                .toArray(String[]::new));
  }

  private static void assertAgree(INDArray actual, INDArray expected) {
    double scale = expected.amaxNumber().doubleValue();
    double spread = expected.std(0).amaxNumber().doubleValue();
    // Else anything would agree. The sizes of boxes are exponentials.
    assertThat(scale).isBetween(0.1, 1000.);
    assertThat(spread).isGreaterThan(1e-3 * scale);
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).amaxNumber().doubleValue())
        .isLessThan(Math.min(1e-4 * scale, 1e-2 * spread));
  }
}
