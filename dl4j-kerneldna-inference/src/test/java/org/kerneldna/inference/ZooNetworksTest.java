package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.zoo.ZooModel;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.TinyYOLO;
import org.deeplearning4j.zoo.model.UNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.Xception;
import org.deeplearning4j.zoo.model.YOLO2;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Program;
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
        Stream.of(
            stock(SqueezeNet.builder().inputShape(image(48)).numClasses(6).build(), 48),
            stock(Darknet19.builder().inputShape(image(64)).numClasses(6).build(), 64),
            flat(VGG16.builder().inputShape(image(64)).numClasses(6).build(), 3, 64),
            stock(ResNet50.builder().inputShape(image(160)).numClasses(6).build(), 160),
            stock(UNet.builder().inputShape(image(32)).build(), 32),
            stock(Xception.builder().inputShape(image(71)).numClasses(6).build(), 71),
            stock(InceptionResNetV1.builder().inputShape(image(96)).numClasses(6).build(), 96),
            stock(FaceNetNN4Small2.builder().inputShape(image(64)).numClasses(6).build(), 64),
            stock(TinyYOLO.builder().inputShape(image(64)).numClasses(2).build(), 64),
            stock(YOLO2.builder().inputShape(image(64)).numClasses(2).build(), 64),
            flat(LeNet.builder().numClasses(6).build(), 1, 28),
            stock(AlexNet.builder().inputShape(image(96)).numClasses(6).build(), 96)),
        Arrays.stream(Architecture.values()).flatMap(ZooNetworksTest::ours));
  }

  private static int[] image(int size) {
    return new int[] {3, size, size};
  }

  private static Network stock(ZooModel<?> model, int size) {
    return stock(model, InputType.convolutional(size, size, 3));
  }

  /** A network that takes images as rows. */
  private static Network flat(ZooModel<?> model, int channels, int size) {
    return stock(model, InputType.convolutionalFlat(size, size, channels));
  }

  private static Network stock(ZooModel<?> model, InputType image) {
    return new Network(model.getClass().getSimpleName(), image, () -> thin(model.init(), image));
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
    assertThat(Program.of(graph).nodes())
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

  /** With a quarter of the channels, where there are many: as deep, and small enough for tests. */
  private static ComputationGraph thin(Model model, InputType image) {
    ComputationGraph graph =
        model instanceof MultiLayerNetwork layers
            ? layers.toComputationGraph()
            : (ComputationGraph) model;
    ComputationGraphConfiguration conf = graph.getConfiguration().clone();
    conf.getVertices().values().forEach(ZooNetworksTest::thin);
    conf.addPreProcessors(image);
    ComputationGraph thinned = new ComputationGraph(conf);
    thinned.init();
    return thinned;
  }

  private static void thin(GraphVertex vertex) {
    if (vertex instanceof LayerVertex layerVertex) {
      // Made anew for as many channels.
      layerVertex.setPreProcessor(null);
      if (layerVertex.getLayerConf().getLayer() instanceof FeedForwardLayer layer
          && layer.getNOut() >= 32
          && layer.getNOut() % 4 == 0) {
        layer.setNOut(layer.getNOut() / 4);
      }
    }
  }

  private static void assertAgree(INDArray actual, INDArray expected) {
    double scale = expected.amaxNumber().doubleValue();
    double spread = expected.std(0).amaxNumber().doubleValue();
    // Else anything would agree.
    assertThat(scale).isBetween(0.1, 100.);
    assertThat(spread).isGreaterThan(1e-3 * scale);
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).amaxNumber().doubleValue())
        .isLessThan(Math.min(1e-4 * scale, 1e-2 * spread));
  }
}
