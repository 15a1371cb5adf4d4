package org.kerneldna.layers.adapt;

import java.util.ArrayList;
import java.util.List;

/**
 * Convolutions whose kernels have one shape.
 *
 * @param parent the one that keeps its kernel
 * @param children those that derive theirs from it
 * @param others those that stay as they are
 */
public record KernelGroup(String parent, List<String> children, List<String> others) {

  /** A parent and its children. */
  public static KernelGroup of(String parent, String... children) {
    return new KernelGroup(parent, List.of(children), List.of());
  }

  /**
   * The layer that is on average the most similar to the others becomes the parent, the first of
   * several such; those whose similarity to it is at least {@code threshold} its children.
   *
   * @param layers at least two
   */
  static KernelGroup choose(List<String> layers, LayerSimilarity similarity, double threshold) {
    String parent = layers.get(0);
    for (String layer : layers) {
      if (total(layer, layers, similarity) > total(parent, layers, similarity)) {
        parent = layer;
      }
    }
    List<String> children = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String layer : layers) {
      if (!layer.equals(parent)) {
        (similarity.between(parent, layer) >= threshold ? children : others).add(layer);
      }
    }
    return new KernelGroup(parent, List.copyOf(children), List.copyOf(others));
  }

  private static double total(String layer, List<String> layers, LayerSimilarity similarity) {
    return layers.stream().mapToDouble(other -> similarity.between(layer, other)).sum();
  }
}
