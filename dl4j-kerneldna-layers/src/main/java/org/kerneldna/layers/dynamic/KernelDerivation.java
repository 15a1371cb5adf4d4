package org.kerneldna.layers.dynamic;

import java.util.List;
import java.util.Map;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a dynamic convolution derives its kernel from a dense one, the parent [nOut, nIn, kH, kW].
 * The derived kernel has the parent's shape or, where it depends on the activations, is one for
 * each sample: [N, nOut, nIn, kH, kW]. {@link StaticModulation} is KernelDNA's.
 *
 * <p>Like a {@link Routing} it is written three times: on arrays, in SameDiff, and in the graph
 * language.
 */
public interface KernelDerivation {

  /** Its parameters, in the order in which they are stored. */
  List<Parameter> parameters();

  /**
   * Derives a kernel.
   *
   * @param parent read by the backward pass too, so it must not change until then
   * @param x the activations that are to be convolved, likewise; null where a kernel is derived
   *     that does not depend on them
   */
  Derived forward(INDArray parent, INDArray x, Pass pass);

  /**
   * Defines the same in SameDiff.
   *
   * @param params by key
   * @param training whether to use the statistics of the batch, where there are any
   */
  SDVariable define(
      SDVariable parent, SDVariable x, Map<String, SDVariable> params, boolean training);

  /**
   * Adds the same to a program.
   *
   * @param parent the value of the parent's kernel
   * @param x the value of the activations, which are [N, C, H, W] there; null as in {@link
   *     #forward}
   * @return the value of the derived kernel
   */
  String read(String parent, String x, Reading reading);

  /** A derived kernel, and its backward pass. */
  interface Derived {

    INDArray kernel();

    /**
     * Computes the gradients.
     *
     * @param gradKernel gradient of the derived kernel
     * @param gradParent receives the gradient of the parent's kernel
     * @param gradients receive the gradients of the parameters, by key; of statistics, what to
     *     subtract from them
     * @param pass has the parameters of the forward pass
     * @return the gradient of the activations; null if the kernel does not depend on them
     */
    INDArray backward(
        INDArray gradKernel, INDArray gradParent, Map<String, INDArray> gradients, Pass pass);
  }
}
