package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.data.Normalization;
import org.kerneldna.train.report.Progress;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class EvaluatorTest {

  private static ImageDataset images;

  @BeforeAll
  static void unpack(@TempDir Path folder) throws IOException {
    images = ImageDataset.open(TestImages.unpack(folder, 2));
  }

  /** The logits of all images are 0, -200, ..., -1800. */
  private static void spread(ComputationGraph graph, String layer) {
    graph.getParam(layer + "_W").assign(0);
    INDArray bias = graph.getParam(layer + "_b");
    bias.assign(Nd4j.arange(10).muli(-200).castTo(bias.dataType()).reshape(bias.shape()));
  }

  private static ComputationGraph withOutputLayer(Activation activation, LossFunction loss) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(16, 16, 3))
                .addLayer(
                    "output",
                    new OutputLayer.Builder(loss).nOut(10).activation(activation).build(),
                    "input")
                .setOutputs("output")
                .build());
    graph.init();
    return graph;
  }

  private static EvaluationResult evaluate(ComputationGraph graph) {
    ImagePipeline pipeline = new ImagePipeline(Normalization.IMAGENET, 16, 16, 1);
    try (ImageBatches batches = pipeline.evaluation(images.val());
        Progress progress = Progress.start("val", batches.count(), 0);
        Evaluator evaluator = new Evaluator(graph, images.classes())) {
      return evaluator.evaluate(batches, progress);
    }
  }

  private static void hasTheTrueFigures(EvaluationResult result) {
    // Of class k the loss is 200 k, and its rank k.
    assertThat(result.loss()).isCloseTo(900, within(1e-9));
    assertThat(result.top1()).isCloseTo(10, within(1e-9));
    assertThat(result.top5()).isCloseTo(50, within(1e-9));
  }

  @Test
  void classesOfNoProbabilityInFloatHaveTheirLossAndRank() {
    ComputationGraph graph = SmallGraph.create(16, 10, Recipe.of("resnet18"));
    spread(graph, "fc");
    hasTheTrueFigures(evaluate(graph));
  }

  @Test
  void anOutputLayerThatIsTheClassifierToo() {
    ComputationGraph graph = withOutputLayer(Activation.SOFTMAX, LossFunction.MCXENT);
    spread(graph, "output");
    INDArray before = graph.output(Nd4j.ones(1, 3, 16, 16))[0];
    hasTheTrueFigures(evaluate(graph));
    assertThat(graph.output(Nd4j.ones(1, 3, 16, 16))[0]).isEqualTo(before);
  }

  @Test
  void anOutputWithoutASoftmaxIsRefused() {
    ComputationGraph graph = withOutputLayer(Activation.SIGMOID, LossFunction.XENT);
    assertThatThrownBy(() -> evaluate(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The output \"output\" is no layer that ends in a softmax, so that it has no cross-entropy");
  }
}
