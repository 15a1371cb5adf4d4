package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.kerneldna.inference.onednn.OneDnn;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where oneDNN is not on the class path, a copy of the graph runs, by the same contract. */
class WithoutOneDnnTest {

  private static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  @Test
  void aCopyOfTheGraphRuns() throws Exception {
    String without =
        Stream.of(CLASS_PATH.split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("dnnl-"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", without, WithoutOneDnnTest.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());

    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.contains("oneDNN cannot be loaded"))).hasSize(1);
    assertThat(said.lines().filter(line -> line.startsWith("> ")))
        .containsExactly(
            "> available: false",
            "> FLOAT [0.5, 0.5]",
            "> The network takes the inputs [in], got 0",
            "> The compiled network is closed",
            "> The compiled network is closed");
  }

  /** What runs without oneDNN. */
  public static void main(String... args) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nIn(3).nOut(2).activation(Activation.SOFTMAX).build(),
                    "in")
                .setOutputs("out")
                .build());
    graph.init();
    INDArray rows = Nd4j.zeros(DataType.DOUBLE, 1, 3);
    System.out.println("> available: " + OneDnn.isAvailable());
    CompiledNetwork compiled = CompiledNetwork.of(graph);
    INDArray output = compiled.outputSingle(rows);
    System.out.println("> " + output.dataType() + " " + Arrays.toString(output.toFloatVector()));
    System.out.println("> " + failure(compiled::describe));
    compiled.close();
    System.out.println("> " + failure(() -> compiled.outputSingle(rows)));
    System.out.println("> " + failure(() -> compiled.describe(rows.shape())));
  }

  private static String failure(Runnable call) {
    try {
      call.run();
      return "none";
    } catch (RuntimeException e) {
      return e.getMessage();
    }
  }
}
