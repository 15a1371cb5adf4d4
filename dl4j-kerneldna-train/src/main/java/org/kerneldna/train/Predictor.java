package org.kerneldna.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.ImageDecoder;
import org.kerneldna.train.data.Preprocessing;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Classifies with a checkpoint's network. */
@RequiredArgsConstructor
public final class Predictor {

  private static final int BATCH = 32;

  private final Checkpoint checkpoint;

  /**
   * A class and how probable it is.
   *
   * @param name as the checkpoint has it
   * @param probability 0 to 1
   */
  public record Prediction(String name, double probability) {}

  /**
   * The most probable classes of an image, the most probable first. It is preprocessed as for
   * evaluation.
   *
   * @param count how many; all if there are fewer
   * @throws IOException if the file cannot be read, or is no image
   */
  public List<Prediction> classify(Path image, int count) throws IOException {
    Card card = checkpoint.card();
    Preprocessing preprocessing =
        Preprocessing.forEvaluation(card.model().imageSize(), card.normalization());
    INDArray input =
        preprocessing.apply(ImageDecoder.decode(Files.readAllBytes(image)), new SplittableRandom());
    double[] probabilities = checkpoint.graph().outputSingle(input).toDoubleVector();
    return IntStream.range(0, probabilities.length)
        .mapToObj(label -> new Prediction(card.classes().get(label), probabilities[label]))
        .sorted(Comparator.comparing(Prediction::probability).reversed())
        .limit(count)
        .toList();
  }

  /**
   * What the network computes before the softmax: [N, classes].
   *
   * @param images preprocessed, [N, 3, size, size]
   */
  public INDArray logits(INDArray images) {
    ComputationGraph graph = checkpoint.graph();
    List<String> beforeOutput =
        graph
            .getConfiguration()
            .getVertexInputs()
            .get(graph.getConfiguration().getNetworkOutputs().get(0));
    INDArray[] batches =
        LongStream.iterate(0, start -> start < images.size(0), start -> start + BATCH)
            .mapToObj(start -> rows(images, start))
            .map(rows -> graph.output(beforeOutput, false, new INDArray[] {rows}, null)[0])
            .toArray(INDArray[]::new);
    return Nd4j.concat(0, batches);
  }

  private static INDArray rows(INDArray images, long start) {
    long end = Math.min(start + BATCH, images.size(0));
    return images.get(NDArrayIndex.interval(start, end)).dup('c');
  }
}
