package org.kerneldna.layers.dynamic;

import java.util.List;
import java.util.Map;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a dynamic convolution routes its input, before it is convolved. Routed activations have the
 * shape of the input, [N, C, H, W] or [N, H, W, C]. {@link Gate} is KernelDNA's.
 *
 * <p>It is written three times: on arrays, in SameDiff, and in the graph language. The first serves
 * training, the second is the yardstick of the first, and networks are compiled and exported from
 * the third.
 */
public interface Routing {

  /** The routing that leaves activations as they are. */
  Routing NONE = new Unrouted();

  /** Its parameters, in the order in which they are stored. */
  List<Parameter> parameters();

  /**
   * Routes activations.
   *
   * @param x read by the backward pass too, so it must not change until then
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
   * @return the value of the routed activations
   */
  String read(String x, Reading reading);

  /** Routed activations, and their backward pass. */
  interface Routed {

    INDArray output();

    /**
     * Computes the gradients.
     *
     * @param gradOut gradient of the output
     * @param gradients receive the gradients of the parameters, by key; of statistics, what to
     *     subtract from them
     * @param pass has the parameters of the forward pass
     * @return the gradient of the input
     */
    INDArray backward(INDArray gradOut, Map<String, INDArray> gradients, Pass pass);
  }
}
