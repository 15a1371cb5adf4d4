package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.inference.onnx.OnnxModel;
import org.kerneldna.inference.onnx.OnnxRuntime;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Graphs at random against what they are compiled to, in one piece and cut into single samples, and
 * against their ONNX. {@code mvn test -Dtest=RandomGraphTest -Dseed=17} runs one alone, {@code
 * -Dseeds=5000} more of them.
 */
class RandomGraphTest {

  private static final Long SEED = Long.getLong("seed");
  private static final long SEEDS = Long.getLong("seeds", 500);

  /** Of the largest number of an output. */
  private static final double TOLERANCE = 1e-4;

  /** Where DL4J itself computes a part in half precision; of the largest number, or of 1. */
  private static final double TOLERANCE_OF_HALF = 3e-2;

  @TestFactory
  Stream<DynamicTest> agree() {
    LongStream seeds = SEED == null ? LongStream.range(0, SEEDS) : LongStream.of(SEED);
    return seeds.mapToObj(
        seed ->
            DynamicTest.dynamicTest(
                "seed " + seed, () -> assertAgrees("-Dseed=" + seed, RandomGraph.of(seed))));
  }

  private static void assertAgrees(String name, RandomGraph random) throws Exception {
    boolean partlyOpaque =
        GraphReader.read(random.network()).nodes().stream()
            .anyMatch(node -> node.operation() instanceof Opaque);
    double least = partlyOpaque && random.dataType() == DataType.HALF ? TOLERANCE_OF_HALF : 0;
    try (CompiledNetwork whole = new CompiledNetwork(random.network(), Long.MAX_VALUE);
        CompiledNetwork cut = new CompiledNetwork(random.network(), 0)) {
      for (int samples : new int[] {2, 5, 2}) {
        INDArray[] batch = random.batch(samples);
        INDArray[] expected = random.expected(batch);
        assertAgree(name + ", compiled", List.of(whole.output(batch)), least, expected);
        assertAgree(name + ", compiled in parts", List.of(cut.output(batch)), least, expected);
      }
    }
    if (!partlyOpaque) {
      assertOnnxAgrees(name + ", ONNX", random, false);
      assertOnnxAgrees(name + ", folded ONNX", random, true);
    }
  }

  private static void assertOnnxAgrees(String name, RandomGraph random, boolean folded)
      throws Exception {
    INDArray[] batch = random.batch(3);
    INDArray[] images =
        IntStream.range(0, batch.length)
            .mapToObj(i -> channelsFirst(batch[i], random.inputFormats().get(i)))
            .map(x -> x.castTo(DataType.FLOAT))
            .toArray(INDArray[]::new);
    INDArray[] outputs = random.expected(batch);
    INDArray[] expected =
        IntStream.range(0, outputs.length)
            .mapToObj(i -> channelsFirst(outputs[i], random.outputFormats().get(i)))
            .toArray(INDArray[]::new);
    List<INDArray> actual =
        OnnxRuntime.run(OnnxModel.of(random.network(), folded, random.types()), images);
    assertAgree(name, actual, 0, expected);
  }

  /** As ONNX has them: images are [N, C, H, W] there. */
  private static INDArray channelsFirst(INDArray array, CNN2DFormat format) {
    return format == CNN2DFormat.NHWC ? array.permute(0, 3, 1, 2) : array;
  }

  private static void assertAgree(
      String name, List<INDArray> actual, double least, INDArray... expected) {
    assertThat(actual).as(name).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual.get(i).shape()).as(name).isEqualTo(expected[i].shape());
      INDArray right = expected[i].castTo(DataType.DOUBLE);
      double difference =
          right.sub(actual.get(i).castTo(DataType.DOUBLE)).amaxNumber().doubleValue();
      double most = right.amaxNumber().doubleValue();
      assertThat(difference)
          .as(name + ", output " + i)
          .isLessThanOrEqualTo(Math.max(least * Math.max(1, most), TOLERANCE * most));
    }
  }
}
