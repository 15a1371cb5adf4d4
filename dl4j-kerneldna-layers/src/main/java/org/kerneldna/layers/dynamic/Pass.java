package org.kerneldna.layers.dynamic;

import java.util.Map;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One pass through a layer, forward or backward: what it computes with, and where its arrays lie.
 *
 * @param params the parameters, with the noise that is on them
 * @param training whether the forward pass is, or was, one of training rather than of inference
 * @param dataType the network's
 */
public record Pass(
    Map<String, INDArray> params,
    boolean training,
    DataType dataType,
    LayerWorkspaceMgr workspaces) {

  /** The parameter called {@code key}; null if there is none. */
  public INDArray param(String key) {
    return params.get(key);
  }

  /** The array in the network's data type; a copy outlives a forward pass of training. */
  public INDArray cast(INDArray x) {
    return x.dataType() == dataType ? x : keep(x.castTo(dataType));
  }

  /** An array for activations, with anything in it. */
  public INDArray activations(long... shape) {
    return array(ArrayType.ACTIVATIONS, shape);
  }

  /** An array for the gradient of activations, with anything in it. */
  public INDArray gradient(long... shape) {
    return array(ArrayType.ACTIVATION_GRAD, shape);
  }

  /** An array that backward needs only while it runs, with anything in it. */
  public INDArray scratch(long... shape) {
    return array(ArrayType.BP_WORKING_MEM, shape);
  }

  /** The array where it outlives a forward pass of training. */
  public INDArray keep(INDArray x) {
    return training ? workspaces.leverageTo(ArrayType.ACTIVATIONS, x) : x;
  }

  private INDArray array(ArrayType type, long... shape) {
    return workspaces.createUninitialized(type, dataType, shape, 'c');
  }
}
