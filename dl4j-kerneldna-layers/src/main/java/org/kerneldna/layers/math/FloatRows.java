package org.kerneldna.layers.math;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Arithmetic on the rows of float matrices in the processor's memory, where every row has numbers
 * of its own. Each method reads its matrices once: ND4J's operations, of which it replaces two to
 * six, go through memory each, and spend longer on finding the rows than on their numbers where
 * these are few.
 *
 * <p>Rows are copied, a cacheful at a time, to Java arrays, for which the JVM makes vector
 * instructions; sums are in double precision. The rows are divided among as many threads as ND4J's
 * operations use; results do not depend on their number.
 *
 * @param rows their number
 * @param columns how long each is
 */
record FloatRows(int rows, int columns) {

  /** Numbers copied at a time: two arrays of them fit into the nearest cache. */
  private static final int CACHEFUL = 2048;

  /** Whether these arrays can be worked on: floats in main memory, in C order without gaps. */
  static boolean suit(INDArray... arrays) {
    return Nd4j.getEnvironment().isCPU() && Stream.of(arrays).allMatch(FloatRows::suits);
  }

  private static boolean suits(INDArray array) {
    return array.dataType() == DataType.FLOAT
        && array.length() <= Integer.MAX_VALUE / Float.BYTES
        && Dense.is(array);
  }

  /** The sum of each row. */
  double[] sums(INDArray x) {
    double[] sums = new double[rows];
    eachBlock(
        (first, count, a, unused) -> {
          for (int row = 0; row < count; row++) {
            sums[first + row] = sum(a, row * columns, (row + 1) * columns);
          }
        },
        x,
        null,
        null);
    return sums;
  }

  /** The sum of each row of {@code (x - shiftOfX) * (y - shiftOfY)}. */
  double[] products(INDArray x, double[] shiftOfX, INDArray y, double[] shiftOfY) {
    double[] sums = new double[rows];
    eachBlock(
        (first, count, a, b) -> {
          for (int row = 0; row < count; row++) {
            int from = row * columns;
            int to = from + columns;
            float ofX = (float) shiftOfX[(first + row) % shiftOfX.length];
            float ofY = (float) shiftOfY[(first + row) % shiftOfY.length];
            for (int i = from; i < to; i++) {
              a[i] = (a[i] - ofX) * (b[i] - ofY);
            }
            sums[first + row] = sum(a, from, to);
          }
        },
        x,
        y,
        null);
    return sums;
  }

  /** Computes {@code out = x * factor + offset}; {@code out} may be {@code x}. */
  void scale(INDArray x, double[] factor, double[] offset, INDArray out) {
    eachBlock(
        (first, count, a, unused) -> {
          for (int row = 0; row < count; row++) {
            float times = (float) factor[(first + row) % factor.length];
            float plus = (float) offset[(first + row) % offset.length];
            for (int i = row * columns; i < (row + 1) * columns; i++) {
              a[i] = a[i] * times + plus;
            }
          }
        },
        x,
        null,
        out);
  }

  /** Computes {@code out = x * factorOfX + y * factorOfY + offset}; {@code out} may be either. */
  void combine(
      INDArray x,
      double[] factorOfX,
      INDArray y,
      double[] factorOfY,
      double[] offset,
      INDArray out) {
    eachBlock(
        (first, count, a, b) -> {
          for (int row = 0; row < count; row++) {
            float timesX = (float) factorOfX[(first + row) % factorOfX.length];
            float timesY = (float) factorOfY[(first + row) % factorOfY.length];
            float plus = (float) offset[(first + row) % offset.length];
            for (int i = row * columns; i < (row + 1) * columns; i++) {
              a[i] = a[i] * timesX + b[i] * timesY + plus;
            }
          }
        },
        x,
        y,
        out);
  }

  /** Four sums, since an addition need not wait for the one before it then. */
  private static double sum(float[] a, int from, int to) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = from;
    for (; i < to - 3; i += 4) {
      s0 += a[i];
      s1 += a[i + 1];
      s2 += a[i + 2];
      s3 += a[i + 3];
    }
    for (; i < to; i++) {
      s0 += a[i];
    }
    return s0 + s1 + s2 + s3;
  }

  @FunctionalInterface
  private interface Block {

    /**
     * Works on some rows.
     *
     * @param a the first matrix's, one after the other; what it leaves there is the result
     * @param b the second matrix's
     */
    void run(int firstRow, int rows, float[] a, float[] b);
  }

  /**
   * Runs {@code block} on all rows.
   *
   * @param y null if there is no second matrix
   * @param out null if no matrix results
   */
  private void eachBlock(Block block, INDArray x, INDArray y, INDArray out) {
    int height = Math.max(1, CACHEFUL / columns);
    int blocks = (rows + height - 1) / height;
    int threads = Math.min(blocks, threads());
    IntStream.range(0, threads)
        .parallel()
        .forEach(
            thread -> {
              Copy a = Copy.of(x, height * columns);
              Copy b = Copy.of(y, height * columns);
              Copy result = Copy.of(out, a.numbers);
              for (int i = part(thread, threads, blocks);
                  i < part(thread + 1, threads, blocks);
                  i++) {
                int first = i * height;
                int count = Math.min(height, rows - first);
                a.read(first * columns, count * columns);
                b.read(first * columns, count * columns);
                block.run(first, count, a.numbers, b.numbers);
                result.write(first * columns, count * columns);
              }
            });
    // Else the last use of an array would be that of its address, and its memory might be freed.
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(y);
    Reference.reachabilityFence(out);
  }

  /** The memory of an array that {@link #suit suits}. It must outlive all use of this. */
  static FloatBuffer memory(INDArray array) {
    return new FloatPointer(Dense.address(array)).capacity(array.length()).asBuffer();
  }

  private static int threads() {
    return NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
  }

  private static int part(int i, int parts, int of) {
    return (int) ((long) i * of / parts);
  }

  /** A part of a matrix in a Java array; of none, where the matrix is null. */
  private record Copy(FloatBuffer memory, float[] numbers) {

    static Copy of(INDArray matrix, int length) {
      return of(matrix, matrix == null ? null : new float[length]);
    }

    static Copy of(INDArray matrix, float[] numbers) {
      return new Copy(matrix == null ? null : FloatRows.memory(matrix), numbers);
    }

    void read(int from, int length) {
      if (memory != null) {
        memory.get(from, numbers, 0, length);
      }
    }

    void write(int from, int length) {
      if (memory != null) {
        memory.put(from, numbers, 0, length);
      }
    }
  }
}
