package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryType;
import org.deeplearning4j.nn.conf.memory.MemoryUseMode;
import org.deeplearning4j.nn.conf.memory.NetworkMemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** What DL4J prints of a graph that shares a kernel. */
class ReportTest {

  private final ComputationGraphConfiguration conf =
      Nets.shared(
          Nets.options(DataType.FLOAT).updater(new MomentumSgd(0.1, 0.9)), CNN2DFormat.NCHW);
  private final ComputationGraph net = Nets.init(conf);

  @Test
  void summaryNamesEveryVertex() {
    assertSummary(net.summary());
  }

  @Test
  void summaryWithInputTypeNamesTheShapes() {
    String summary = net.summary(Nets.images(CNN2DFormat.NCHW));
    assertSummary(summary);
    assertThat(lineOf(summary, "middle")).contains("h=5,w=6,c=4");
    assertThat(lineOf(summary, "first-kernel")).contains("h=3,w=3,c=4");
  }

  @Test
  void memoryReportCountsTheKernelOnce() {
    NetworkMemoryReport report = conf.getMemoryReport(Nets.images(CNN2DFormat.NCHW));
    assertThat(
            report.getMemoryBytes(
                MemoryType.PARAMETERS, 1, MemoryUseMode.TRAINING, null, DataType.FLOAT))
        .isEqualTo(4 * net.numParams());
    assertThat(report.toString()).contains("ParentKernel", "SharedConvolution");
  }

  @Test
  void reportsLeaveTheNetworkAsItIs() {
    ComputationGraphConfiguration channelsLast =
        Nets.shared(Nets.options(DataType.FLOAT), CNN2DFormat.NHWC);
    ComputationGraph net = Nets.init(channelsLast);
    ComputationGraphConfiguration before = net.getConfiguration().clone();
    InputType otherLayoutAndSize = InputType.convolutional(32, 32, Nets.CHANNELS);
    net.summary(otherLayoutAndSize);
    net.getConfiguration().getMemoryReport(otherLayoutAndSize);
    assertThat(net.getConfiguration()).isEqualTo(before);
  }

  private void assertSummary(String summary) {
    conf.getVertices().keySet().forEach(name -> assertThat(lineOf(summary, name)).isNotEmpty());
    assertThat(lineOf(summary, "middle")).contains("SharedConvolution", "[norm, middle-kernel]");
    assertThat(lineOf(summary, "middle-kernel")).contains("4,4", "144", "W:{4,4,3,3}", "[in]");
    assertThat(lineOf(summary, "first-kernel")).contains("s:{1,1,3,3}", "f:{4,1,1,1}");
    assertThat(lineOf(summary, "first-gate")).contains("gateW1:{2,4}");
    assertThat(summary).containsPattern("Total Parameters: +" + net.numParams());
  }

  private static String lineOf(String summary, String vertex) {
    return summary.lines().filter(line -> line.startsWith(vertex + " (")).findFirst().orElse("");
  }
}
