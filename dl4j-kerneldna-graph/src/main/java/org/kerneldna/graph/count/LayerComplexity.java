package org.kerneldna.graph.count;

import java.util.List;

/**
 * The size of one vertex of a network, counted as {@link Complexity} says.
 *
 * @param vertex its name in the graph
 * @param kind simple name of the class that configures the layer, or the vertex where it is none;
 *     of a frozen one, the class that is wrapped
 * @param outputShape of its output for one image, without the batch; for vertices whose output is a
 *     kernel, that kernel's [nOut, nIn, kH, kW]
 * @param parameters how many numbers it learns
 * @param macs its multiply-accumulates for one image
 */
public record LayerComplexity(
    String vertex, String kind, List<Long> outputShape, long parameters, long macs) {}
