package org.kerneldna.graph;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
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

/** The networks of DL4J's zoo for small images, the large ones with fewer channels. */
public enum StockZoo {
  SQUEEZE_NET(SqueezeNet.builder().numClasses(5).inputShape(images(3, 48)).build(), 1),
  DARKNET19(Darknet19.builder().numClasses(5).inputShape(images(3, 64)).build(), 4),
  VGG16(
      org.deeplearning4j.zoo.model.VGG16.builder().numClasses(5).inputShape(images(3, 32)).build(),
      4),
  RESNET50(ResNet50.builder().numClasses(5).inputShape(images(3, 136)).build(), 4),
  UNET(UNet.builder().inputShape(images(3, 32)).build(), 4),
  XCEPTION(Xception.builder().numClasses(5).inputShape(images(3, 71)).build(), 2),
  INCEPTION_RESNET_V1(
      InceptionResNetV1.builder().numClasses(5).inputShape(images(3, 96)).build(), 2),
  FACE_NET(FaceNetNN4Small2.builder().numClasses(5).inputShape(images(3, 64)).build(), 1),
  TINY_YOLO(TinyYOLO.builder().numClasses(2).inputShape(images(3, 64)).build(), 4),
  YOLO2(
      org.deeplearning4j.zoo.model.YOLO2.builder().numClasses(2).inputShape(images(3, 64)).build(),
      4),
  LE_NET(LeNet.builder().numClasses(5).inputShape(images(1, 28)).build(), 1),
  ALEX_NET(AlexNet.builder().numClasses(5).inputShape(images(3, 112)).build(), 4);

  private final ZooModel zoo;
  private final int narrowing;

  /**
   * @param narrowing divides all numbers of channels but those of images and outputs, which are not
   *     multiples of it
   */
  StockZoo(ZooModel zoo, int narrowing) {
    this.zoo = zoo;
    this.narrowing = narrowing;
  }

  private static int[] images(int channels, int size) {
    return new int[] {channels, size, size};
  }

  /** Channels, height and width of an image. */
  public int[] imageShape() {
    return zoo.metaData().getInputShape()[0];
  }

  /** The type of the network's input, NCHW. */
  public InputType inputType() {
    int[] shape = imageShape();
    return InputType.convolutional(shape[1], shape[2], shape[0]);
  }

  /** The network, its kernels scaled so that activations keep their size: DL4J's do not. */
  public ComputationGraph graph() {
    Model model = zoo.init();
    ComputationGraph wide =
        model instanceof MultiLayerNetwork network
            ? network.toComputationGraph()
            : (ComputationGraph) model;
    ComputationGraphConfiguration conf = wide.getConfiguration();
    conf.getVertices().values().forEach(this::narrow);
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    for (Layer layer : graph.getLayers()) {
      layer.paramTable().forEach(StockZoo::tame);
    }
    return graph;
  }

  private void narrow(GraphVertex vertex) {
    if (vertex instanceof LayerVertex layer) {
      if (layer.getLayerConf().getLayer() instanceof FeedForwardLayer sized) {
        sized.setNIn(narrowed(sized.getNIn()));
        sized.setNOut(narrowed(sized.getNOut()));
      }
      if (layer.getPreProcessor() instanceof CnnToFeedForwardPreProcessor flat) {
        flat.setNumChannels(narrowed(flat.getNumChannels()));
      }
    }
  }

  private long narrowed(long channels) {
    return channels % narrowing == 0 ? channels / narrowing : channels;
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
