package org.kerneldna.inference;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
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
import org.deeplearning4j.zoo.model.Xception;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The networks of DL4J's zoo, for small images. */
enum StockZoo {
  SQUEEZE_NET(SqueezeNet.builder().numClasses(5).inputShape(images(3, 48)).build()),
  DARKNET19(Darknet19.builder().numClasses(5).inputShape(images(3, 64)).build()),
  VGG16(
      org.deeplearning4j.zoo.model.VGG16.builder().numClasses(5).inputShape(images(3, 32)).build()),
  RESNET50(ResNet50.builder().numClasses(5).inputShape(images(3, 160)).build()),
  UNET(UNet.builder().inputShape(images(3, 32)).build()),
  XCEPTION(Xception.builder().numClasses(5).inputShape(images(3, 71)).build()),
  INCEPTION_RESNET_V1(InceptionResNetV1.builder().numClasses(5).inputShape(images(3, 96)).build()),
  FACE_NET(FaceNetNN4Small2.builder().numClasses(5).inputShape(images(3, 64)).build()),
  TINY_YOLO(TinyYOLO.builder().numClasses(5).inputShape(images(3, 64)).build()),
  YOLO2(
      org.deeplearning4j.zoo.model.YOLO2.builder().numClasses(5).inputShape(images(3, 32)).build()),
  LE_NET(LeNet.builder().numClasses(5).inputShape(images(1, 28)).build()),
  ALEX_NET(AlexNet.builder().numClasses(5).inputShape(images(3, 112)).build());

  private final ZooModel zoo;

  StockZoo(ZooModel zoo) {
    this.zoo = zoo;
  }

  private static int[] images(int channels, int size) {
    return new int[] {channels, size, size};
  }

  /** Channels, height and width of an image. */
  int[] imageShape() {
    return zoo.metaData().getInputShape()[0];
  }

  InputType inputType() {
    int[] shape = imageShape();
    return InputType.convolutional(shape[1], shape[2], shape[0]);
  }

  /** The network, its kernels scaled so that activations keep their size: DL4J's do not. */
  ComputationGraph graph() {
    Model model = zoo.init();
    ComputationGraph graph =
        model instanceof MultiLayerNetwork network
            ? network.toComputationGraph()
            : (ComputationGraph) model;
    for (Layer layer : graph.getLayers()) {
      layer.paramTable().forEach(StockZoo::tame);
    }
    return graph;
  }

  private static void tame(String key, INDArray values) {
    if (key.equals("var")) {
      values.assign(1);
    } else if (values.rank() > 1 && values.size(0) > 1) {
      long outputs = values.size(values.rank() == 2 ? 1 : 0);
      values.muli(Math.sqrt(2.0 * outputs) / values.norm2Number().doubleValue());
    }
  }
}
