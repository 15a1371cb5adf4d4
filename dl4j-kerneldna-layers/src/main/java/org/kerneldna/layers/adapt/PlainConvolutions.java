package org.kerneldna.layers.adapt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.Convolution;

/**
 * The plain 2d convolutions of a graph, which may share a kernel: DL4J's {@link ConvolutionLayer}
 * and {@link Convolution} themselves, no kind of it (depthwise, transposed, one-dimensional...),
 * not frozen, and not parents or children already.
 */
final class PlainConvolutions {

  private static final Set<Class<?>> PLAIN =
      Set.of(ConvolutionLayer.class, Convolution2D.class, Convolution.class);

  private final ComputationGraph graph;

  PlainConvolutions(ComputationGraph graph) {
    this.graph = graph;
  }

  private record KernelShape(long nOut, long nIn, int height, int width) {

    static KernelShape of(ConvolutionLayer conv) {
      int[] size = conv.getKernelSize();
      return new KernelShape(conv.getNOut(), conv.getNIn(), size[0], size[1]);
    }

    @Override
    public String toString() {
      return "[" + nOut + ", " + nIn + ", " + height + ", " + width + "]";
    }
  }

  /** Names of those with kernels of one shape, two or more each, in topological order. */
  List<List<String>> groups() {
    Map<KernelShape, List<String>> byShape = new LinkedHashMap<>();
    for (String name : names()) {
      KernelShape shape = KernelShape.of(get(name));
      byShape.computeIfAbsent(shape, none -> new ArrayList<>()).add(name);
    }
    return byShape.values().stream().filter(names -> names.size() > 1).toList();
  }

  private List<String> names() {
    return IntStream.of(graph.topologicalSortOrder())
        .mapToObj(index -> graph.getVertices()[index].getVertexName())
        .filter(name -> find(name).isPresent())
        .toList();
  }

  /**
   * The convolution called {@code name}.
   *
   * @throws IllegalArgumentException if there is no such plain convolution
   */
  ConvolutionLayer get(String name) {
    if (!graph.getConfiguration().getVertices().containsKey(name)) {
      throw new IllegalArgumentException(
          "The network has no layer \"" + name + "\"; its plain convolutions: " + names());
    }
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "\"" + name + "\" is not a plain convolution with a kernel of its own"));
  }

  /**
   * Checks groups that a user gives.
   *
   * @throws IllegalArgumentException if a layer is unknown or no plain convolution, is named twice,
   *     differs from its parent in the shape of the kernel, or if a parent has no children
   */
  void validate(List<KernelGroup> groups) {
    List<String> named = new ArrayList<>();
    for (KernelGroup group : groups) {
      if (group.children().isEmpty()) {
        throw new IllegalArgumentException("Parent \"" + group.parent() + "\" has no children");
      }
      requireNew(group.parent(), named);
      KernelShape shape = KernelShape.of(get(group.parent()));
      for (String child : group.children()) {
        requireNew(child, named);
        requireShape(child, group.parent(), shape);
      }
    }
  }

  private void requireShape(String child, String parent, KernelShape shape) {
    KernelShape own = KernelShape.of(get(child));
    if (!own.equals(shape)) {
      throw new IllegalArgumentException(
          "The kernel of \"%s\" is %s and that of its parent \"%s\" %s: they must be of one shape"
              .formatted(child, own, parent, shape));
    }
  }

  private static void requireNew(String layer, List<String> named) {
    if (named.contains(layer)) {
      throw new IllegalArgumentException("Layer \"" + layer + "\" is named twice");
    }
    named.add(layer);
  }

  private Optional<ConvolutionLayer> find(String name) {
    GraphVertex vertex = graph.getConfiguration().getVertices().get(name);
    return vertex instanceof LayerVertex layer
            && PLAIN.contains(layer.getLayerConf().getLayer().getClass())
        ? Optional.of((ConvolutionLayer) layer.getLayerConf().getLayer())
        : Optional.empty();
  }
}
