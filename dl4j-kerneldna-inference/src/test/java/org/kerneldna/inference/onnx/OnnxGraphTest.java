package org.kerneldna.inference.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.layers.Views;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OnnxGraphTest {

  @ParameterizedTest
  @EnumSource
  void initialisersAreWrittenInOrder(Views view) {
    INDArray values = view.of(Nd4j.randn(DataType.FLOAT, 2, 3, 4, 5));
    OnnxGraph graph = new OnnxGraph(List.of());
    graph.tensor("kernel", values, values.shape());
    float[] written = new float[(int) values.length()];
    graph
        .build()
        .getInitializer(0)
        .getRawData()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(written);
    assertThat(written).containsExactly(Views.dense(values).data().asFloat());
  }
}
