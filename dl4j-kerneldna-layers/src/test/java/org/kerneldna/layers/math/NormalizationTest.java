package org.kerneldna.layers.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.layers.math.Normalization.Moments;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

class NormalizationTest {

  private static final boolean PROCESSOR = ProcessorArithmetic.inUse;

  @AfterEach
  void whereItRuns() {
    ProcessorArithmetic.inUse = PROCESSOR;
  }

  /** Numbers whose squares a float cannot hold to the last digit of their variance. */
  @ParameterizedTest
  @CsvSource({"NCHW, true", "NCHW, false", "NHWC, true", "NHWC, false"})
  void momentsFarFromZero(CNN2DFormat format, boolean onProcessor) {
    ProcessorArithmetic.inUse = onProcessor;
    double rounding = onProcessor ? 1e-5 : 1e-4; // ND4J sums floats one after the other.
    for (long[] size : new long[][] {{8, 56, 56}, {64, 1, 1}, {2, 3, 5}}) {
      Nd4j.getRandom().setSeed(3);
      INDArray x =
          Nd4j.randn(DataType.FLOAT, size[0], 4, size[1], size[2])
              .mul(Nd4j.createFromArray(1f, 2, 0.5f, 10).reshape(1, 4, 1, 1))
              .addi(Nd4j.createFromArray(1e4f, -1e4f, 0, 1e4f).reshape(1, 4, 1, 1));
      INDArray given = format == CNN2DFormat.NCHW ? x : x.permute(0, 2, 3, 1).dup('c');
      Moments moments = new Normalization(format, 1e-5).moments(given);
      for (int c = 0; c < 4; c++) {
        double[] numbers = Dense.doubles(x.get(all(), point(c), all(), all()));
        double mean = 0;
        for (double number : numbers) {
          mean += number / numbers.length;
        }
        double variance = 0;
        for (double number : numbers) {
          variance += (number - mean) * (number - mean) / numbers.length;
        }
        assertThat(moments.mean()[c]).isCloseTo(mean, within(rounding * Math.sqrt(variance)));
        assertThat(moments.variance()[c]).isCloseTo(variance, within(rounding * variance));
      }
    }
  }

  private static INDArrayIndex all() {
    return NDArrayIndex.all();
  }

  private static INDArrayIndex point(int c) {
    return NDArrayIndex.point(c);
  }

  /** The very numbers of the two steps one after the other. */
  @ParameterizedTest
  @EnumSource(Rectifier.class)
  void withARectifierAfterIt(Rectifier rectifier) {
    for (boolean ofBatch : new boolean[] {true, false}) {
      Nd4j.getRandom().setSeed(5);
      INDArray x = Nd4j.randn(DataType.FLOAT, 5, 4, 9, 7).muli(4);
      INDArray gamma = Nd4j.rand(DataType.FLOAT, 4).addi(2);
      INDArray beta = Nd4j.randn(DataType.FLOAT, 4);
      INDArray gradOut = Nd4j.randn(DataType.FLOAT, x.shape());
      Normalization apart = new Normalization(CNN2DFormat.NCHW, 1e-5);
      Moments m =
          ofBatch
              ? apart.moments(x)
              : new Moments(new double[] {1, 2, 3, -4}, new double[] {2, 1, 5, 3});
      INDArray y = apart.forward(x, m, gamma, beta, x.ulike());
      INDArray masked = rectifier.backward(y, gradOut, x.ulike());
      INDArray[] expected = {x.ulike(), gamma.ulike(), beta.ulike()};
      apart.backward(x, m, ofBatch, gamma, beta, masked, expected[0], expected[1], expected[2]);

      Normalization inOne = new Normalization(CNN2DFormat.NCHW, 1e-5, rectifier);
      INDArray[] actual = {x.ulike(), gamma.ulike(), beta.ulike()};
      assertThat(inOne.forward(x, m, gamma, beta, x.ulike()))
          .isEqualTo(rectifier.forward(y, y.ulike()));
      inOne.backward(x, m, ofBatch, gamma, beta, gradOut, actual[0], actual[1], actual[2]);
      assertThat(actual).isEqualTo(expected);
    }
  }

  /** Scaled by one and moved by nothing, numbers are the rectifier's own. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withARectifierAtItsKinks(boolean onProcessor) {
    ProcessorArithmetic.inUse = onProcessor;
    INDArray x = Nd4j.createFromArray(-1e30f, -1, 0, 1e-40f, 1e-30f, 5.99f, 6, 7, 1e30f);
    assertPasses(Rectifier.RELU, x, 0, 0, 0, 1, 1, 1, 1, 1, 1);
    assertPasses(Rectifier.RELU6, x, 0, 0, 0, 1, 1, 1, 0, 0, 0);
  }

  private static void assertPasses(Rectifier rectifier, INDArray numbers, float... expected) {
    INDArray x = numbers.reshape(numbers.length(), 1);
    INDArray one = Nd4j.ones(DataType.FLOAT, 1);
    INDArray zero = Nd4j.zeros(DataType.FLOAT, 1);
    INDArray gradX = x.ulike();
    new Normalization(CNN2DFormat.NCHW, 0, rectifier)
        .backward(
            x,
            new Moments(new double[] {0}, new double[] {1}),
            false,
            one,
            zero,
            Nd4j.ones(DataType.FLOAT, x.shape()),
            gradX,
            one.ulike(),
            one.ulike());
    assertThat(Dense.floats(gradX)).isEqualTo(expected);
  }

  @Test
  void momentumIsThatOfSingleSteps() {
    for (boolean nesterov : new boolean[] {true, false}) {
      Nd4j.getRandom().setSeed(5);
      INDArray v = Nd4j.randn(DataType.FLOAT, 70_001);
      INDArray gradient = Nd4j.randn(DataType.FLOAT, 70_001);
      INDArray stepped = v.dup();
      INDArray step = gradient.dup();
      MomentumStep.apply(stepped, step, 0.9, nesterov, 0.05);
      new Nd4jArithmetic(1).momentumStep(v, gradient, 0.9, nesterov, 0.05);
      assertThat(stepped).isEqualTo(v);
      assertThat(step).isEqualTo(gradient);
      assertThat(Dense.floats(step)).isEqualTo(Dense.floats(gradient));
      assertThat(Dense.floats(stepped)).isEqualTo(Dense.floats(v));
    }
  }
}
