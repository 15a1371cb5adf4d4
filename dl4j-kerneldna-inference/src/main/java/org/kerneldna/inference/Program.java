package org.kerneldna.inference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network's inference as a list of steps, each after those whose values it reads.
 *
 * @param inputs names of what the network is given
 * @param outputs names of what it gives
 */
record Program(List<String> inputs, List<Step> steps, List<String> outputs) {

  /** How many steps read each value; an output has one reader more. */
  Map<String, Integer> readers() {
    Map<String, Integer> readers = new HashMap<>();
    steps.forEach(step -> step.inputs().forEach(name -> readers.merge(name, 1, Integer::sum)));
    outputs.forEach(name -> readers.merge(name, 1, Integer::sum));
    return readers;
  }

  /** Whether any of the convolutions runs by Winograd's algorithm. */
  boolean hasWinograd() {
    return OneDnn.hasWinograd()
        && steps.stream()
            .anyMatch(step -> step instanceof Step.Conv conv && OneDnn.suitsWinograd(conv));
  }

  /** Whether it computes each image of a batch for itself, as far as can be told. */
  boolean keepsImagesApart() {
    return steps.stream().noneMatch(Step.Vertex.class::isInstance);
  }
}
