package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The networks of DL4J's zoo, of which nothing is left to DL4J. */
class ZooTest {

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of(SqueezeNet.builder().numClasses(5).inputShape(images(3, 48)).build()),
        Arguments.of(Darknet19.builder().numClasses(5).inputShape(images(3, 64)).build()),
        Arguments.of(VGG16.builder().numClasses(5).inputShape(images(3, 32)).build()),
        Arguments.of(ResNet50.builder().numClasses(5).inputShape(images(3, 136)).build()),
        Arguments.of(UNet.builder().inputShape(images(3, 32)).build()),
        Arguments.of(Xception.builder().numClasses(5).inputShape(images(3, 71)).build()),
        Arguments.of(InceptionResNetV1.builder().numClasses(5).inputShape(images(3, 96)).build()),
        Arguments.of(FaceNetNN4Small2.builder().numClasses(5).inputShape(images(3, 64)).build()),
        Arguments.of(TinyYOLO.builder().numClasses(5).inputShape(images(3, 64)).build()),
        Arguments.of(YOLO2.builder().numClasses(5).inputShape(images(3, 64)).build()),
        Arguments.of(LeNet.builder().numClasses(5).inputShape(images(1, 28)).build()),
        Arguments.of(AlexNet.builder().numClasses(5).inputShape(images(3, 96)).build()));
  }

  private static int[] images(int channels, int size) {
    return new int[] {channels, size, size};
  }

  @ParameterizedTest
  @MethodSource("networks")
  void leavesNothingToDl4j(ZooModel zoo) {
    ComputationGraph graph = graph(zoo.init());
    int[] shape = zoo.metaData().getInputShape()[0];
    INDArray x = Agreement.numbers(1, shape[0], shape[1], shape[2]);
    tame(graph);
    Program program = Agreement.afterPasses(graph, x);
    assertThat(Agreement.opaque(program)).isEmpty();
  }

  private static ComputationGraph graph(Model model) {
    return model instanceof MultiLayerNetwork network
        ? network.toComputationGraph()
        : (ComputationGraph) model;
  }

  /** Kernels scaled so that activations keep their size: some are ill-conditioned by default. */
  private static void tame(ComputationGraph graph) {
    for (Layer layer : graph.getLayers()) {
      INDArray kernel = layer.paramTable().get("W");
      if (kernel != null) {
        long outputs = kernel.rank() == 2 ? kernel.size(1) : kernel.size(0);
        kernel.muli(Math.sqrt(2 * outputs) / kernel.norm2Number().doubleValue());
      }
    }
  }
}
