package org.kerneldna.layers;

import java.util.Arrays;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The ways in which an array can lie in memory. What surrounds a view there is NaN. Numbers are
 * read and written one by one, so that nothing here depends on ND4J's copying.
 */
public enum Views {
  /** The last dimension outermost. */
  REVERSED {
    @Override
    INDArray empty(INDArray x) {
      int[] order = IntStream.range(0, x.rank()).map(d -> x.rank() - 1 - d).toArray();
      return surroundings(x, permuted(x.shape(), order)).permute(order);
    }
  },

  /** The second dimension innermost, as images [N, C, H, W] have it whose channels are last. */
  CHANNELS_LAST {
    @Override
    INDArray empty(INDArray x) {
      int rank = x.rank();
      int[] stored = IntStream.range(0, rank).map(d -> d == 0 ? 0 : d % (rank - 1) + 1).toArray();
      int[] order = new int[rank];
      IntStream.range(0, rank).forEach(d -> order[stored[d]] = d);
      return surroundings(x, permuted(x.shape(), stored)).permute(order);
    }
  },

  /** In Fortran's order, and said to be. */
  FORTRAN {
    @Override
    INDArray empty(INDArray x) {
      return Nd4j.create(x.dataType(), x.shape(), 'f');
    }
  },

  /** Every second number of each dimension. */
  EVERY_SECOND {
    @Override
    INDArray empty(INDArray x) {
      return part(x, size -> 2 * size, size -> NDArrayIndex.interval(0, 2, 2 * size));
    }
  },

  /** The inner part of a larger array. */
  INNER {
    @Override
    INDArray empty(INDArray x) {
      return part(x, size -> size + 2, size -> NDArrayIndex.interval(1, size + 1));
    }
  },

  /** In C order without gaps, but not from the buffer's start. */
  OFFSET {
    @Override
    INDArray empty(INDArray x) {
      return surroundings(x, x.length() + 7)
          .get(NDArrayIndex.interval(5, x.length() + 5))
          .reshape('c', true, x.shape());
    }
  },

  /** One number repeated along all dimensions but the first, by strides of 0; not to be written. */
  BROADCAST {
    @Override
    INDArray empty(INDArray x) {
      INDArray rows = Nd4j.create(x.dataType(), x.size(0));
      long[] strides = new long[x.rank()];
      strides[0] = 1;
      return Nd4j.create(rows.data(), x.shape(), strides, 0, 'c');
    }
  };

  /** A view of the numbers that {@code x} holds; {@link #BROADCAST} keeps the last of each row. */
  public INDArray of(INDArray x) {
    return copy(x, empty(x));
  }

  /** An array in C order that holds what {@code view} does. */
  public static INDArray dense(INDArray view) {
    return copy(view, Nd4j.create(view.dataType(), view.shape(), 'c'));
  }

  abstract INDArray empty(INDArray x);

  private static INDArray copy(INDArray from, INDArray to) {
    for (int i = 0; i < from.length(); i++) {
      long[] position = position(i, from.shape());
      to.putScalar(position, from.getDouble(position));
    }
    return to;
  }

  private static long[] position(long i, long... shape) {
    long[] position = new long[shape.length];
    long rest = i;
    for (int d = shape.length - 1; d >= 0; d--) {
      position[d] = rest % shape[d];
      rest /= shape[d];
    }
    return position;
  }

  private static INDArray surroundings(INDArray x, long... shape) {
    return Nd4j.valueArrayOf(shape, Double.NaN, x.dataType());
  }

  private static INDArray part(
      INDArray x, LongUnaryOperator sizes, LongFunction<INDArrayIndex> indices) {
    return surroundings(x, Arrays.stream(x.shape()).map(sizes).toArray())
        .get(Arrays.stream(x.shape()).mapToObj(indices).toArray(INDArrayIndex[]::new));
  }

  private static long[] permuted(long[] shape, int... order) {
    return Arrays.stream(order).mapToLong(d -> shape[d]).toArray();
  }
}
