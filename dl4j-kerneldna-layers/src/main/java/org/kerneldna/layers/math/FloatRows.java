package org.kerneldna.layers.math;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
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

  /** Its square times any positive float is more than 1, if only infinitely. */
  private static final float HUGE = 1e38f;

  /** Whether an array can be worked on: floats in main memory, in C order without gaps. */
  static boolean suit(INDArray array) {
    return ProcessorArithmetic.inUse
        && array.dataType() == DataType.FLOAT
        && array.length() <= Integer.MAX_VALUE / Float.BYTES
        && Dense.is(array);
  }

  /** The sum of each row. */
  double[] sums(INDArray x) {
    double[] sums = new double[rows];
    eachRow((row, a, b, from, to) -> sums[row] = sum(a, from, to), x, null, null, null);
    return sums;
  }

  /** The sum of each row of {@code x * y}. */
  double[] products(INDArray x, INDArray y) {
    double[] sums = new double[rows];
    eachRow(
        (row, a, b, from, to) -> {
          for (int i = from; i < to; i++) {
            a[i] *= b[i];
          }
          sums[row] = sum(a, from, to);
        },
        x,
        y,
        null,
        null);
    return sums;
  }

  /**
   * What moments are made of, for each row.
   *
   * @param squares the sum of the squared distances to the row's mean
   */
  record RowMoments(double[] sums, double[] squares) {}

  /** The moments of each row: its numbers are in the cache when their distances are taken. */
  RowMoments moments(INDArray x) {
    RowMoments moments = new RowMoments(new double[rows], new double[rows]);
    eachRow(
        (row, a, b, from, to) -> {
          double sum = sum(a, from, to);
          float shift = (float) (sum / columns);
          for (int i = from; i < to; i++) {
            a[i] = (a[i] - shift) * (a[i] - shift);
          }
          double beside = sum / columns - shift;
          moments.sums[row] = sum;
          moments.squares[row] = sum(a, from, to) - columns * beside * beside;
        },
        x,
        null,
        null,
        null);
    return moments;
  }

  /** Computes {@code out = x * factor + offset}; {@code out} may be {@code x}. */
  void scale(INDArray x, double[] factor, double[] offset, INDArray out) {
    eachRow(
        (row, a, b, from, to) -> scale(a, of(factor, row), of(offset, row), from, to),
        x,
        null,
        out,
        null);
  }

  /** Computes {@code out = min(max(0, x * factor + offset), limit)}, like {@link #scale}. */
  void rectified(INDArray x, double[] factor, double[] offset, float limit, INDArray out) {
    eachRow(
        (row, a, b, from, to) -> {
          scale(a, of(factor, row), of(offset, row), from, to);
          for (int i = from; i < to; i++) {
            a[i] = Math.min(Math.max(a[i], 0), limit);
          }
        },
        x,
        null,
        out,
        null);
  }

  private static void scale(float[] a, float factor, float offset, int from, int to) {
    for (int i = from; i < to; i++) {
      a[i] = a[i] * factor + offset;
    }
  }

  /**
   * Where a gradient passes that comes to {@code y = x * factor + offset}: where y is more than 0
   * and less than {@code limit}.
   */
  record Mask(double[] factor, double[] offset, float limit) {

    /** Sets {@code gradient} to 0 where it does not pass. */
    private void apply(int row, float[] gradient, float[] x, int from, int to) {
      float times = of(factor, row);
      float plus = of(offset, row);
      for (int i = from; i < to; i++) {
        gradient[i] *= oneIfPositive(x[i] * times + plus);
      }
      if (limit < Float.POSITIVE_INFINITY) {
        for (int i = from; i < to; i++) {
          gradient[i] *= oneIfPositive(limit - (x[i] * times + plus));
        }
      }
    }

    /** 1 or 0, without a branch: the JVM makes no vector instructions of one. */
    private static float oneIfPositive(float y) {
      return Math.min(Math.max(y * HUGE * HUGE, 0), 1);
    }
  }

  /**
   * Sums of a gradient, for each row.
   *
   * @param weighted those of its products with the distance of x to a mean
   */
  record RowSums(double[] plain, double[] weighted) {}

  /**
   * The sums of each row of a gradient.
   *
   * @param mask where it passes, or null for everywhere
   */
  RowSums gradientSums(INDArray gradient, INDArray x, double[] mean, Mask mask) {
    RowSums sums = new RowSums(new double[rows], new double[rows]);
    eachRow(
        (row, a, b, from, to) -> {
          if (mask != null) {
            mask.apply(row, a, b, from, to);
          }
          float shift = of(mean, row);
          for (int i = from; i < to; i++) {
            b[i] = a[i] * (b[i] - shift);
          }
          double plain = sum(a, from, to);
          sums.plain[row] = plain;
          sums.weighted[row] = sum(b, from, to) - plain * (mean[row % mean.length] - shift);
        },
        gradient,
        x,
        null,
        null);
    return sums;
  }

  /**
   * Computes {@code out = gradient * factor + (x - mean) * slope + offset}; {@code out} may be
   * either.
   *
   * @param mask where the gradient passes, or null for everywhere
   */
  void gradient(
      INDArray gradient,
      double[] factor,
      INDArray x,
      double[] mean,
      double[] slope,
      double[] offset,
      Mask mask,
      INDArray out) {
    eachRow(
        (row, a, b, from, to) -> {
          if (mask != null) {
            mask.apply(row, a, b, from, to);
          }
          float times = of(factor, row);
          float shift = of(mean, row);
          float timesX = of(slope, row);
          float plus = of(offset, row);
          for (int i = from; i < to; i++) {
            a[i] = a[i] * times + (b[i] - shift) * timesX + plus;
          }
        },
        gradient,
        x,
        out,
        null);
  }

  /** As {@link Arithmetic#momentumStep}; the matrices are vectors, in rows of one number. */
  void momentumStep(
      INDArray v, INDArray gradient, float momentum, boolean nesterov, float learningRate) {
    eachBlock(
        (first, count, a, b) -> {
          for (int i = 0; i < count; i++) {
            a[i] = a[i] * momentum + b[i];
          }
          for (int i = 0; i < count; i++) {
            b[i] = (nesterov ? b[i] + a[i] * momentum : a[i]) * learningRate;
          }
        },
        v,
        gradient,
        v,
        gradient);
  }

  private static float of(double[] numbers, int row) {
    return (float) numbers[row % numbers.length];
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
  private interface Row {

    /**
     * Works on a row.
     *
     * @param a the first matrix's from {@code from} to {@code to}; what it leaves there is a result
     * @param b the second matrix's, likewise
     */
    void run(int row, float[] a, float[] b, int from, int to);
  }

  /** Runs {@code work} on all rows, like {@link #eachBlock}. */
  private void eachRow(Row work, INDArray x, INDArray y, INDArray outOfX, INDArray outOfY) {
    eachBlock(
        (first, count, a, b) -> {
          for (int row = 0; row < count; row++) {
            work.run(first + row, a, b, row * columns, (row + 1) * columns);
          }
        },
        x,
        y,
        outOfX,
        outOfY);
  }

  @FunctionalInterface
  private interface Block {

    /** Works on {@code count} rows, which the arrays begin with, like {@link Row#run}. */
    void run(int first, int count, float[] a, float[] b);
  }

  /**
   * Runs {@code work} on all rows, a cacheful at a time.
   *
   * @param y null if there is no second matrix
   * @param outOfX receives what {@code work} leaves of {@code x}'s numbers; null if nothing does
   * @param outOfY likewise
   */
  private void eachBlock(Block work, INDArray x, INDArray y, INDArray outOfX, INDArray outOfY) {
    int height = Math.max(1, CACHEFUL / columns);
    int blocks = (rows + height - 1) / height;
    int threads = Math.min(blocks, threads());
    IntStream.range(0, threads)
        .parallel()
        .forEach(
            thread -> {
              Copy a = Copy.of(x, height * columns);
              Copy b = Copy.of(y, height * columns);
              Copy resultOfX = Copy.of(outOfX, a.numbers);
              Copy resultOfY = Copy.of(outOfY, b.numbers);
              for (int i = part(thread, threads, blocks);
                  i < part(thread + 1, threads, blocks);
                  i++) {
                int first = i * height;
                int count = Math.min(height, rows - first);
                a.read(first * columns, count * columns);
                b.read(first * columns, count * columns);
                work.run(first, count, a.numbers, b.numbers);
                resultOfX.write(first * columns, count * columns);
                resultOfY.write(first * columns, count * columns);
              }
            });
    // Else the last use of an array would be that of its address, and its memory might be freed.
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(y);
    Reference.reachabilityFence(outOfX);
    Reference.reachabilityFence(outOfY);
  }

  /** The memory of an array that {@link #suit suits}, which must outlive every use of it. */
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
