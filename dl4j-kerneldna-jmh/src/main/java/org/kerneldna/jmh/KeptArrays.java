package org.kerneldna.jmh;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gives the same array for a result each time, so that its memory is claimed once. */
final class KeptArrays extends LayerWorkspaceMgr {

  private final Map<ArrayType, INDArray> arrays = new EnumMap<>(ArrayType.class);

  KeptArrays() {
    super(EnumSet.allOf(ArrayType.class), Map.of(), Map.of());
  }

  @Override
  public INDArray createUninitialized(
      ArrayType arrayType, DataType dataType, long[] shape, char ordering) {
    return arrays.computeIfAbsent(
        arrayType, type -> Nd4j.createUninitializedDetached(dataType, ordering, shape));
  }

  /** Small arrays lie in the workspace of the benchmark, which ends with the call. */
  @Override
  public INDArray leverageTo(ArrayType arrayType, INDArray array) {
    return array;
  }
}
