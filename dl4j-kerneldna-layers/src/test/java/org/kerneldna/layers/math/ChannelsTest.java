package org.kerneldna.layers.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Floats with the channels first take {@link FloatRows}, doubles ND4J's operations. */
class ChannelsTest {

  private final Channels channels = new Channels(CNN2DFormat.NCHW);

  /** Rows of one number, of some, of just a cacheful, and of more than that. */
  static Stream<long[]> shapes() {
    return Stream.of(
        new long[] {2, 3, 1, 1},
        new long[] {5, 7, 3, 2},
        new long[] {3, 130, 4, 4},
        new long[] {2, 3, 32, 64},
        new long[] {2, 2, 57, 41});
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void sums(long[] shape) {
    same(shape, a -> channels.sumPerSample(a.x));
    same(shape, a -> channels.sumOfProductsPerSample(a.x, a.y));
    sameNumbers(shape, a -> channels.sum(a.x));
    sameNumbers(shape, a -> channels.arithmetic(a.x).sumOfProducts(a.x, a.y));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void numbersOfAChannel(long[] shape) {
    same(shape, a -> channels.multiply(a.x, a.p, a.x.ulike()));
    same(shape, a -> channels.add(a.x, a.p, a.x.ulike()));
    same(shape, a -> channels.scale(a.x, a.p, a.q, a.x.ulike()));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void numbersOfAChannelOfASample(long[] shape) {
    same(shape, a -> channels.multiply(a.x, a.perSample, a.x.ulike()));
    same(shape, a -> channels.scale(a.x, a.perSample, a.perSample.mul(2), a.x.ulike()));
    same(shape, a -> channels.scale(a.x, a.perSample, a.q, a.x.ulike()));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void inPlaceAndOnViews(long[] shape) {
    same(shape, a -> channels.scale(a.x, a.p, a.q, a.x));
    sameNumbers(shape, a -> channels.sum(a.x.permute(0, 1, 3, 2)));
    same(shape, a -> channels.multiply(a.x.dup('f'), a.p, a.x.ulike()));
    same(shape, a -> channels.sumPerSample(laterHalf(a.x)));
  }

  @Test
  void doesNotDependOnTheNumberOfThreads() {
    Arrays a = new Arrays(new long[] {9, 70, 6, 6}, DataType.FLOAT);
    NativeOps natives = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int threads = natives.ompGetMaxThreads();
    natives.setOmpNumThreads(1);
    double[] one = channels.arithmetic(a.x).sumOfProducts(a.x, a.y);
    INDArray scaledByOne = channels.scale(a.x, a.p, a.q, a.x.ulike());
    natives.setOmpNumThreads(2);
    double[] two = channels.arithmetic(a.x).sumOfProducts(a.x, a.y);
    INDArray scaledByTwo = channels.scale(a.x, a.p, a.q, a.x.ulike());
    natives.setOmpNumThreads(threads);
    assertThat(two).isEqualTo(one);
    assertThat(scaledByTwo).isEqualTo(scaledByOne);
  }

  private static INDArray laterHalf(INDArray x) {
    INDArray twice = Nd4j.concat(0, x.mul(3), x);
    return twice.get(NDArrayIndex.interval(x.size(0), 2 * x.size(0)));
  }

  private static void sameNumbers(long[] shape, Function<Arrays, double[]> operation) {
    double[] floats = operation.apply(new Arrays(shape, DataType.FLOAT));
    double[] doubles = operation.apply(new Arrays(shape, DataType.DOUBLE));
    double scale = 1 + DoubleStream.of(doubles).map(Math::abs).max().orElseThrow();
    assertThat(floats).containsExactly(doubles, within(1e-6 * scale));
  }

  private static void same(long[] shape, Function<Arrays, INDArray> operation) {
    INDArray floats = operation.apply(new Arrays(shape, DataType.FLOAT));
    INDArray doubles = operation.apply(new Arrays(shape, DataType.DOUBLE));
    assertThat(floats.dataType()).isEqualTo(DataType.FLOAT);
    assertThat(floats.shape()).isEqualTo(doubles.shape());
    double scale = 1 + doubles.amaxNumber().doubleValue();
    assertThat(floats.castTo(DataType.DOUBLE).sub(doubles).amaxNumber().doubleValue())
        .isLessThan(1e-6 * scale);
  }

  /** The same numbers in either type. */
  private static final class Arrays {
    final INDArray x;
    final INDArray y;
    final INDArray p;
    final INDArray q;
    final INDArray perSample;

    Arrays(long[] shape, DataType type) {
      Nd4j.getRandom().setSeed(7);
      x = random(type, shape).addi(1);
      y = random(type, shape);
      p = random(type, shape[1]);
      q = random(type, shape[1]);
      perSample = random(type, shape[0], shape[1]);
    }

    private static INDArray random(DataType type, long... shape) {
      return Nd4j.randn(DataType.FLOAT, shape).castTo(type);
    }
  }
}
