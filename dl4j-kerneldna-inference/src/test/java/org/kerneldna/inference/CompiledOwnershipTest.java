package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.junit.jupiter.api.Test;
import org.kerneldna.inference.onednn.Description;
import org.kerneldna.inference.onednn.Executable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a compiled network has of its own, and what it leaves alone. */
class CompiledOwnershipTest {

  /** A layer of somebody else's, which nobody reads. */
  public static class UnreadLayer extends DenseLayer {
    public UnreadLayer() {}

    UnreadLayer(int nOut) {
      setNOut(nOut);
      setActivationFn(new ActivationTanH());
    }
  }

  /** A vertex of somebody else's. */
  public static class UnreadVertex extends ScaleVertex {
    UnreadVertex() {
      super(2);
    }

    @Override
    public ScaleVertex clone() {
      return new UnreadVertex();
    }
  }

  private static ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(8, 8, 16))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(16).build(), "in")
                .addVertex("unread", new UnreadVertex(), "conv")
                .addLayer("dense", new UnreadLayer(12), "unread")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                    "dense")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  private static INDArray images(long batch) {
    return Nd4j.rand(DataType.FLOAT, batch, 16, 8, 8);
  }

  private static void assertAgree(INDArray actual, INDArray expected) {
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-5);
  }

  @Test
  void keepsTheParametersOfTheMoment() {
    ComputationGraph graph = graph();
    INDArray images = images(3);
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      assertThat(compiled.describe(images.shape()).leftToDl4j()).hasSize(2);
      INDArray expected = graph.outputSingle(images);
      INDArray other = images(5);
      INDArray expectedOfOther = graph.outputSingle(other);
      assertAgree(compiled.outputSingle(images), expected);
      graph.params().muli(-3);
      assertAgree(compiled.outputSingle(images), expected);
      assertAgree(compiled.outputSingle(other), expectedOfOther);
      assertThat(graph.outputSingle(images).sub(expected).amaxNumber().doubleValue())
          .isGreaterThan(0.1);
    }
  }

  @Test
  void leavesTheGraphAlone() throws Exception {
    ComputationGraph graph = graph();
    INDArray expected = graph.outputSingle(Nd4j.ones(2, 16, 8, 8));
    graph.clear();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      Future<INDArray> output;
      synchronized (graph) { // As one who trains it may.
        output = thread.submit(() -> compiled.outputSingle(Nd4j.ones(2, 16, 8, 8)));
        assertAgree(output.get(1, TimeUnit.MINUTES), expected);
      }
      assertThat(graph.getInputs()).isNull();
      assertThat(Stream.of(graph.getVertices()).map(GraphVertex::getInputs))
          .allMatch(inputs -> inputs == null || Stream.of(inputs).allMatch(Objects::isNull));
    } finally {
      thread.shutdown();
    }
  }

  @Test
  void outlivesScopesOfNativeObjects() {
    ComputationGraph graph = graph();
    INDArray two = images(2);
    INDArray three = images(3);
    CompiledNetwork compiled;
    try (PointerScope scope = new PointerScope()) {
      compiled = CompiledNetwork.of(graph);
      assertAgree(compiled.outputSingle(two), graph.outputSingle(two));
    }
    for (int i = 0; i < 3; i++) {
      assertAgree(compiled.outputSingle(two), graph.outputSingle(two));
      try (PointerScope scope = new PointerScope()) {
        assertAgree(compiled.outputSingle(three), graph.outputSingle(three));
      }
    }
    compiled.close();
  }

  @Test
  void outlivesWorkspaces() {
    ComputationGraph graph = graph();
    INDArray images = images(2);
    INDArray expected = graph.outputSingle(images);
    WorkspaceConfiguration conf = WorkspaceConfiguration.builder().initialSize(1 << 24).build();
    CompiledNetwork compiled;
    INDArray first;
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(conf, "test")) {
      compiled = CompiledNetwork.of(graph);
      first = compiled.outputSingle(images.dup());
    }
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(conf, "test")) {
      Nd4j.ones(DataType.FLOAT, 1 << 20).addi(7);
    }
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    assertThat(first.isAttached()).isFalse();
    assertAgree(first, expected);
    assertAgree(compiled.outputSingle(images), expected);
    compiled.close();
  }

  @Test
  void refusesCallsOnceClosed() {
    CompiledNetwork compiled = CompiledNetwork.of(graph());
    compiled.outputSingle(images(1));
    assertThat(compiled.bytes()).isPositive();
    compiled.close();
    compiled.close();
    assertThat(compiled.bytes()).isZero();
    assertThatThrownBy(() -> compiled.outputSingle(images(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The compiled network is closed");
  }

  @Test
  void refusesEmptyBatches() {
    try (CompiledNetwork compiled = CompiledNetwork.of(graph())) {
      assertThatThrownBy(() -> compiled.outputSingle(Nd4j.empty(DataType.FLOAT)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("The input \"in\" is empty");
    }
  }

  @Test
  void refusesWhatIsNoBatch() {
    try (CompiledNetwork compiled = CompiledNetwork.of(graph())) {
      List<ThrowingCallable> calls =
          List.of(
              () -> compiled.outputSingle(Nd4j.scalar(1f)),
              () -> compiled.describe(new long[0]),
              () -> compiled.describe(new long[] {0, 16, 8, 8}),
              () -> compiled.describe(new long[] {-1, 16, 8, 8}));
      for (ThrowingCallable call : calls) {
        assertThatThrownBy(call)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("The input \"in\" is empty or no batch");
      }
      assertThatThrownBy(compiled::describe)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The network takes the inputs [in], got 0");
      assertThatThrownBy(() -> compiled.profile(0, images(2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0 passes");
    }
  }

  @Test
  void describesTheCopyThatTheCallerGets() {
    try (CompiledNetwork compiled = CompiledNetwork.of(graph())) {
      List<Description.Line> lines = compiled.describe(images(2).shape()).lines();
      assertThat(lines.get(lines.size() - 1))
          .extracting(Description.Line::vertex, Description.Line::operation)
          .containsExactly("out", "Output");
      assertThat(lines).extracting(Description.Line::operation).containsOnlyOnce("Output");
    }
  }

  /** 200 networks of 4 MB and their packed weights, half of them closed and half dropped. */
  @Test
  void givesMemoryBack() throws Exception {
    int size = 1000;
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(size))
                .addLayer("out", new OutputLayer.Builder().nOut(size).build(), "in")
                .setOutputs("out")
                .build());
    graph.init();
    openAndDrop(graph, 40); // The C library keeps some memory.
    long before = Pointer.physicalBytes();
    openAndDrop(graph, 200);
    assertThat(Pointer.physicalBytes() - before).isLessThan(200 << 20);
  }

  private static void openAndDrop(ComputationGraph graph, int count) throws InterruptedException {
    INDArray rows = Nd4j.rand(DataType.FLOAT, 4, graph.layerInputSize("out"));
    List<Executable> dropped = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      CompiledNetwork network = CompiledNetwork.of(graph);
      network.outputSingle(rows);
      assertThat(network.bytes()).isGreaterThan(rows.size(1) * rows.size(1) * Float.BYTES);
      if (i % 2 == 0) {
        network.close();
        assertThat(network.bytes()).isZero();
      } else {
        dropped.add(network.executable());
      }
      if (i % 20 == 0) {
        collect();
      }
    }
    for (int tries = 0; tries < 50 && dropped.stream().anyMatch(e -> e.bytes() > 0); tries++) {
      collect();
    }
    assertThat(dropped).allMatch(executable -> executable.bytes() == 0);
  }

  private static void collect() throws InterruptedException {
    System.gc();
    Thread.sleep(20);
  }
}
