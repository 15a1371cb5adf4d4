package org.kerneldna.layers.dynamic;

import java.util.List;
import java.util.Map;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a dynamic convolution routes its input: what becomes of the activations before they are
 * convolved. Routed activations have the shape of the input, [N, C, H, W] or [N, H, W, C]. {@link
 * Gate} is KernelDNA's.
 *
 * <p>One computation is said three times: by arrays, in SameDiff, and in the language of graphs.
 * The first serves training, the second is its yardstick, the third is what networks are compiled
 * and exported from.
 */
public interface Routing {

  /** The routing that leaves activations as they are. */
  Routing NONE = new Unrouted();

  /** Its parameters, in the order in which they are stored. */
  List<Parameter> parameters();

  /**
   * Routes activations.
   *
   * @param x what the way back reads too, so it must stay as it is until then
   */
  Routed forward(INDArray x, Pass pass);

  /**
   * Defines the same in SameDiff.
   *
   * @param params by key
   * @param training whether to use the statistics of the batch, where there are any
   */
  SDVariable define(SDVariable x, Map<String, SDVariable> params, boolean training);

  /**
   * Adds the same to a program.
   *
   * @param x the value of the activations, which are [N, C, H, W] there
   * @return the value of what was routed
   */
  String read(String x, Reading reading);

  /** What was routed, and the way back. */
  interface Routed {

    INDArray output();

    /**
     * Computes the gradients.
     *
     * @param gradOut gradient of the output
     * @param gradients receive the gradients of the parameters, by key; of statistics, what to
     *     subtract from them
     * @param pass with the parameters of the way there
     * @return the gradient of the input
     */
    INDArray backward(INDArray gradOut, Map<String, INDArray> gradients, Pass pass);
  }
}
