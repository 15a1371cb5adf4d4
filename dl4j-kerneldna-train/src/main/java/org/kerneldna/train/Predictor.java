package org.kerneldna.train;

import static java.util.Comparator.comparing;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.BadImageException;
import org.kerneldna.train.data.Preprocessing;
import org.kerneldna.train.data.RgbImage;
import org.kerneldna.zoo.ImageNet;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Says what is on images, by a trained network. */
public final class Predictor {

  private static final int TOP = 5;

  private final ComputationGraph graph;
  private final List<String> names;
  private final Preprocessing preprocessing;

  /**
   * A class that an image may show.
   *
   * @param name the class's name; for ImageNet's WordNet ids the English one and the id
   * @param percent its probability
   */
  public record Prediction(String name, double percent) {}

  /** Predicts by the checkpoint's network, and prepares images as its evaluation does. */
  public Predictor(Checkpoint checkpoint) {
    Card card = checkpoint.card();
    graph = checkpoint.graph();
    names = names(card.classes());
    preprocessing = Preprocessing.forEvaluation(card.model().imageSize(), card.normalization());
  }

  private static List<String> names(List<String> classes) {
    UnaryOperator<String> english = wnid -> ImageNet.name(wnid) + " (" + wnid + ")";
    return ImageNet.classes().containsAll(classes)
        ? classes.stream().map(english).toList()
        : classes;
  }

  /** The five most probable classes, or all if there are fewer; the most probable first. */
  public List<Prediction> predict(RgbImage image) {
    return predict(preprocessing.apply(image, new SplittableRandom()));
  }

  /**
   * The same for the image of a file.
   *
   * @param file the file's bytes
   * @throws BadImageException if the bytes are no image, or a broken, truncated or too large one
   */
  public List<Prediction> predict(byte[] file) throws BadImageException {
    return predict(preprocessing.apply(file, new SplittableRandom()));
  }

  private List<Prediction> predict(INDArray input) {
    double[] probabilities = graph.outputSingle(input).toDoubleVector();
    return IntStream.range(0, probabilities.length)
        .mapToObj(label -> new Prediction(names.get(label), 100 * probabilities[label]))
        .sorted(comparing(Prediction::percent).reversed())
        .limit(TOP)
        .toList();
  }

  /**
   * What enters the output layer, before its softmax: [N, classes].
   *
   * @param images the network's input as it is, [N, 3, size, size]
   */
  public INDArray logits(INDArray images) {
    String output = graph.getConfiguration().getNetworkOutputs().get(0);
    List<String> logits = graph.getConfiguration().getVertexInputs().get(output);
    return graph.output(logits, false, new INDArray[] {images}, null)[0];
  }
}
