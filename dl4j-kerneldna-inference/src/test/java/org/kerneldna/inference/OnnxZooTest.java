package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import onnx.Onnx.ModelProto;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.inference.onnx.OnnxModel;
import org.kerneldna.inference.onnx.OnnxRules;
import org.kerneldna.inference.onnx.OnnxRuntime;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The networks of DL4J's zoo in ONNX Runtime against themselves. */
class OnnxZooTest {

  @ParameterizedTest
  @EnumSource
  void computesWhatTheGraphDoes(StockZoo zoo) throws Exception {
    Nd4j.getRandom().setSeed(3);
    ComputationGraph graph = zoo.graph();
    int[] shape = zoo.imageShape();
    INDArray images = Nd4j.randn(DataType.FLOAT, 1, shape[0], shape[1], shape[2]);
    INDArray[] expected = graph.output(images);
    ModelProto model = OnnxModel.of(graph, true, zoo.inputType());
    OnnxRules.require(model.getGraph());
    List<INDArray> actual = OnnxRuntime.run(model, images);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual.get(i).shape()).isEqualTo(expected[i].shape());
      double most = expected[i].amaxNumber().doubleValue();
      assertThat(most).isBetween(0.1, 1000.0);
      assertThat(expected[i].stdNumber().doubleValue()).isGreaterThan(0.02);
      double apart = actual.get(i).sub(expected[i]).amaxNumber().doubleValue();
      assertThat(apart / most).isCloseTo(0, within(1e-5));
      List<String> sizes = Arrays.stream(expected[i].shape()).mapToObj(Long::toString).toList();
      assertThat(OnnxRuntime.dimensions(model.getGraph().getOutput(i)).subList(1, sizes.size()))
          .isEqualTo(sizes.subList(1, sizes.size()));
    }
  }
}
