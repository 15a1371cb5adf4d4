package org.kerneldna.inference.onednn;

import java.nio.FloatBuffer;
import java.util.List;
import lombok.experimental.UtilityClass;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What DL4J itself computes. */
@UtilityClass
class Opaques {

  /** The shape of the output for inputs of these shapes, by trying. */
  long[] shape(Opaque op, long batch, List<long[]> shapes) {
    return op.function()
        .apply(
            batch, shapes.stream().map(s -> Nd4j.zeros(DataType.FLOAT, s)).toArray(INDArray[]::new))
        .shape();
  }

  /**
   * Computes the output.
   *
   * @param memory of the inputs, then the output
   */
  void run(Opaque.Function function, long batch, long[][] shapes, FloatBuffer... memory) {
    INDArray[] inputs = new INDArray[shapes.length];
    for (int i = 0; i < inputs.length; i++) {
      float[] numbers = new float[memory[i].remaining()];
      memory[i].get(numbers);
      inputs[i] = Nd4j.create(numbers, shapes[i], 'c');
    }
    memory[shapes.length].put(Dense.floats(function.apply(batch, inputs)));
  }
}
