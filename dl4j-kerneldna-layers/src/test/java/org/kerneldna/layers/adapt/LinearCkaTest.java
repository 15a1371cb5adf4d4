package org.kerneldna.layers.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LinearCkaTest {

  @BeforeEach
  void seed() {
    Nd4j.getRandom().setSeed(1);
  }

  @Test
  void featuresAreLikeThemselves() {
    INDArray x = Nd4j.randn(DataType.DOUBLE, 20, 3, 4, 5);
    assertThat(LinearCka.similarity(x, x)).isCloseTo(1, within(1e-12));
  }

  @Test
  void neitherOrthogonalTransformationNorScaleNorOffsetMatters() {
    INDArray x = Nd4j.randn(DataType.DOUBLE, 20, 6);
    INDArray y = x.add(Nd4j.randn(DataType.DOUBLE, 20, 6));
    INDArray v = Nd4j.randn(DataType.DOUBLE, 6, 1);
    INDArray reflection =
        Nd4j.eye(6)
            .castTo(DataType.DOUBLE)
            .sub(v.mmul(v.transpose()).mul(2 / v.mul(v).sumNumber().doubleValue()));
    double similarity = LinearCka.similarity(x, y);
    assertThat(similarity).isBetween(0.1, 0.9);
    assertThat(LinearCka.similarity(x, y.mmul(reflection).mul(-7).add(3)))
        .isCloseTo(similarity, within(1e-12));
  }

  @Test
  void ofOneFeatureEachItIsTheSquaredCorrelation() {
    // Centred: (-1, 0, 1) and (-1, -1, 2) / 3, so 1² / (2 * 2/3).
    INDArray x = Nd4j.createFromArray(0.0, 1, 2).reshape(3, 1);
    INDArray y = Nd4j.createFromArray(0.0, 0, 1).reshape(3, 1);
    assertThat(LinearCka.similarity(x, y)).isCloseTo(0.75, within(1e-12));
  }

  @Test
  void ofTwoFeaturesAgainstOne() {
    // |(-1, 0, 1)|² = 2, |(1, -2, 1)|² = 6, orthogonal: 2² / (sqrt(2² + 6²) * 2).
    INDArray x = Nd4j.createFromArray(new double[][] {{-1, 1}, {0, -2}, {1, 1}});
    INDArray y = Nd4j.createFromArray(-1.0, 0, 1).reshape(3, 1);
    assertThat(LinearCka.similarity(x, y)).isCloseTo(2 / Math.sqrt(40), within(1e-12));
  }

  @Test
  void independentFeaturesAreUnlike() {
    INDArray x = Nd4j.randn(DataType.DOUBLE, 400, 2, 2, 1);
    INDArray y = Nd4j.randn(DataType.DOUBLE, 400, 3);
    assertThat(LinearCka.similarity(x, y)).isBetween(0.0, 0.05);
  }

  @Test
  void aConstantIsLikeNothing() {
    INDArray x = Nd4j.randn(DataType.DOUBLE, 5, 3);
    assertThat(LinearCka.similarity(x, Nd4j.ones(DataType.DOUBLE, 5, 2))).isZero();
  }

  @Test
  void featuresInHalfPrecisionDoNotOverflow() {
    INDArray x = Nd4j.randn(DataType.HALF, 8, 200).muli(100);
    INDArray y = Nd4j.randn(DataType.HALF, 8, 200).muli(100);
    double expected = LinearCka.similarity(x.castTo(DataType.DOUBLE), y.castTo(DataType.DOUBLE));
    assertThat(LinearCka.similarity(x, y)).isCloseTo(expected, within(1e-5));
  }
}
