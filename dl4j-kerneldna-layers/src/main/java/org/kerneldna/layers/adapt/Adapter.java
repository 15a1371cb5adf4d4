package org.kerneldna.layers.adapt;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import lombok.Builder;
import lombok.Singular;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Turns a trained network of plain convolutions into one with KernelDNA (arXiv 2503.23379), to be
 * fine-tuned: convolutions with kernels of one shape whose outputs are similar become a parent and
 * its children.
 *
 * <pre>{@code
 * Adaptation adapted = Adapter.builder().build().adapt(graph, images);
 * }</pre>
 *
 * <p>Any graph will do, in either layout; what need not change does not. Similarity is {@link
 * LinearCka} on a batch of real images. A child's modulation is the best that least squares finds,
 * gates start neutral, and the statistics of all batch normalisations become those of the batch.
 *
 * <p>Similar outputs do not mean that one kernel can be had from another by a few factors: of
 * kernels that were trained apart the fit recovers little, so expect the network to need
 * fine-tuning.
 */
@Builder
public final class Adapter {

  /**
   * In a small trained ResNet-18 all layers of one stage are above it, at 0.92 to 0.99, and those
   * of distant stages below. Nearer to 1 less is shared, and less lost.
   */
  public static final double DEFAULT_THRESHOLD = 0.9;

  /** The least similarity of a child to its parent, 0 to 1. Default: 0.9. */
  @Builder.Default private final double threshold = DEFAULT_THRESHOLD;

  /** Channels per hidden unit of the gates; at most the channels there are. Default: 4. */
  @Builder.Default private final int gateRatio = 4;

  /** Parents and children. Default: none, they are found. */
  @Singular private final List<KernelGroup> groups;

  /**
   * Adapts a graph, which stays as it is.
   *
   * @param inputs a batch of real inputs, normalised as in training, one array for each input of
   *     the graph; some hundreds of examples, since similarities of few are too high
   * @throws IllegalArgumentException if the threshold is not from 0 to 1, no convolutions are
   *     alike, or the groups given do not fit the graph
   */
  public Adaptation adapt(ComputationGraph graph, INDArray... inputs) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("Threshold " + threshold + " cannot be used: give 0 to 1");
    }
    PlainConvolutions convolutions = new PlainConvolutions(graph);
    convolutions.validate(groups);
    List<List<String>> layers = groups.isEmpty() ? convolutions.groups() : members();
    LayerSimilarity similarity =
        LayerSimilarity.measure(
            graph, layers.stream().flatMap(Collection::stream).toList(), inputs);
    List<KernelGroup> chosen = groups.isEmpty() ? choose(layers, similarity) : groups;
    List<KernelGroup> sharing = chosen.stream().filter(g -> !g.children().isEmpty()).toList();

    KernelSharing.Result result = new KernelSharing(graph, sharing, gateRatio).apply();
    NormStatistics.recompute(result.graph(), inputs);
    return new Adaptation(result.graph(), chosen, similarity, result.errors());
  }

  private List<List<String>> members() {
    return groups.stream()
        .map(g -> Stream.concat(Stream.of(g.parent()), g.children().stream()).toList())
        .toList();
  }

  private List<KernelGroup> choose(List<List<String>> layers, LayerSimilarity similarity) {
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(
          "No two plain convolutions of the network have kernels of one shape");
    }
    List<KernelGroup> chosen =
        layers.stream().map(names -> KernelGroup.choose(names, similarity, threshold)).toList();
    if (chosen.stream().allMatch(group -> group.children().isEmpty())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "No convolution's CKA with its parent is at least %s, the highest is %.3f: give a lower"
                  + " threshold",
              threshold,
              highest(chosen, similarity)));
    }
    return chosen;
  }

  private static double highest(List<KernelGroup> groups, LayerSimilarity similarity) {
    return groups.stream()
        .flatMapToDouble(
            group ->
                group.others().stream()
                    .mapToDouble(other -> similarity.between(group.parent(), other)))
        .max()
        .orElseThrow();
  }
}
