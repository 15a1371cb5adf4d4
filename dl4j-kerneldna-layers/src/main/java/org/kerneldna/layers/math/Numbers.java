package org.kerneldna.layers.math;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Copies between small arrays and Java's. For as few numbers as a layer has channels, an operation
 * of ND4J takes a hundred times as long as its arithmetic.
 */
final class Numbers {

  private Numbers() {}

  /** What an array holds, in C order. */
  static double[] of(INDArray array) {
    if (!FloatRows.suit(array)) {
      return Dense.doubles(array);
    }
    FloatBuffer memory = FloatRows.memory(array);
    double[] numbers = new double[memory.capacity()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = memory.get(i);
    }
    Reference.reachabilityFence(array);
    return numbers;
  }

  /** Sets an array of as many numbers, of any shape. */
  static void set(INDArray array, double[] numbers) {
    if (!FloatRows.suit(array)) {
      array.assign(Nd4j.createFromArray(numbers).castTo(array.dataType()).reshape(array.shape()));
      return;
    }
    FloatBuffer memory = FloatRows.memory(array);
    for (int i = 0; i < numbers.length; i++) {
      memory.put(i, (float) numbers[i]);
    }
    Reference.reachabilityFence(array);
  }
}
