package org.kerneldna.layers.math;

import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays whose numbers lie in C order without gaps. Whatever reads or writes an array's memory by
 * itself asks here first: loops of Java, oneDNN, ONNX Runtime, file formats, and those of ND4J's
 * operations that do.
 *
 * <p>Only strides tell how an array lies: of a permuted one ND4J says ordering 'c', no view and
 * offset 0.
 */
public final class Dense {

  private Dense() {}

  /** Whether the array lies so, at whatever offset; dimensions of size 1 may have any stride. */
  public static boolean is(INDArray array) {
    if (array.isEmpty()) {
      return true;
    }
    long expected = 1;
    for (int dim = array.rank() - 1; dim >= 0; dim--) {
      if (array.size(dim) > 1 && array.stride(dim) != expected) {
        return false;
      }
      expected *= array.size(dim);
    }
    return true;
  }

  /** The array itself if it is dense, else a copy that is. */
  public static INDArray of(INDArray array) {
    return is(array) ? array : array.dup('c');
  }

  /**
   * The address of a dense array's numbers. The array must outlive every use of it.
   *
   * @throws IllegalArgumentException if the array is not dense
   */
  public static Pointer address(INDArray array) {
    if (!is(array)) {
      throw new IllegalArgumentException(
          "Strides %s of shape %s leave gaps or another order: take Dense.of(array)"
              .formatted(Arrays.toString(array.stride()), Arrays.toString(array.shape())));
    }
    return array.data().addressPointer();
  }

  /**
   * The array, or a copy, dense and of a type wide enough to sum in: HALF and BFLOAT16 become
   * FLOAT, since sums of HALF overflow from 65504 on, and sums of either stand still once a number
   * is less than half of their last digit.
   */
  public static INDArray operand(INDArray array) {
    return of(array.castTo(wide(array.dataType())));
  }

  /** The type of an {@link #operand} of an array of {@code type}. */
  public static DataType wide(DataType type) {
    return type == DataType.HALF || type == DataType.BFLOAT16 ? DataType.FLOAT : type;
  }

  /** A dense array of the same type and shape, with any content. */
  static INDArray like(INDArray array) {
    return Nd4j.createUninitialized(array.dataType(), array.shape(), 'c');
  }

  /** A copy of the numbers, of any type, in C order. */
  public static float[] floats(INDArray array) {
    return array.isEmpty() ? new float[0] : array.dup('c').data().asFloat();
  }

  /** As {@link #floats}, in double precision. */
  public static double[] doubles(INDArray array) {
    return array.isEmpty() ? new double[0] : array.dup('c').data().asDouble();
  }

  /**
   * Where to compute what {@code out} is to hold: {@code out} itself if it is dense, else an array
   * for {@link #deliver}.
   */
  static INDArray target(INDArray out) {
    return is(out) ? out : like(out);
  }

  /** As {@link #target}, and wide enough as an {@link #operand} is. */
  static INDArray result(INDArray out) {
    DataType type = wide(out.dataType());
    return type == out.dataType() ? target(out) : Nd4j.createUninitialized(type, out.shape(), 'c');
  }

  /** Copies what was computed for {@code out} elsewhere to there, of whatever type it is. */
  static INDArray deliver(INDArray target, INDArray out) {
    return target == out ? out : out.assign(target);
  }
}
