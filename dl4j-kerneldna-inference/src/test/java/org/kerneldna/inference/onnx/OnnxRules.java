package org.kerneldna.inference.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import lombok.experimental.UtilityClass;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;

/** What ONNX demands of a graph's names. */
@UtilityClass
public class OnnxRules {

  /** Fails unless every value has one name and stands before what reads it. */
  public static void require(GraphProto graph) {
    Set<String> values = new HashSet<>();
    Set<String> read = new HashSet<>();
    assertThat(graph.getInputList()).extracting(ValueInfoProto::getName).allMatch(values::add);
    assertThat(graph.getInitializerList()).extracting(TensorProto::getName).allMatch(values::add);
    Set<String> nodes = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      assertThat(node.getName()).matches(nodes::add);
      assertThat(node.getInputList())
          .allSatisfy(
              name -> assertThat(name.isEmpty() || values.contains(name)).as(name).isTrue());
      read.addAll(node.getInputList());
      assertThat(node.getOutputList()).allMatch(values::add);
    }
    assertThat(graph.getOutputList())
        .extracting(ValueInfoProto::getName)
        .doesNotHaveDuplicates()
        .allMatch(nodes::contains);
    assertThat(graph.getInitializerList())
        .extracting(TensorProto::getName)
        .allMatch(read::contains);
  }
}
