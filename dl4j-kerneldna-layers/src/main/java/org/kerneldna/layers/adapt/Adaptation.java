package org.kerneldna.layers.adapt;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What an {@link Adapter} made.
 *
 * @param graph the network with shared kernels; the original is as it was
 * @param groups convolutions with kernels of one shape; those without children were left alone
 * @param similarity of the outputs of the convolutions in the groups
 * @param fitErrors by child, the relative error of its derived kernel against the one it had
 */
public record Adaptation(
    ComputationGraph graph,
    List<KernelGroup> groups,
    LayerSimilarity similarity,
    Map<String, Double> fitErrors) {}
