package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.batch;

import java.io.File;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.Interpreter;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Inference;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.layers.peer.MixtureConvolution;
import org.kerneldna.layers.samediff.SameDiffKernelDNAConvolution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a layer's reader says is what the layer computes. */
class LayerReadersTest {

  private static final int SAMPLES = 3;
  private static final double ROUNDING = 1e-5;

  private static final Map<String, Supplier<Layer>> LAYERS = new LinkedHashMap<>();

  static {
    LAYERS.put(
        "convolution", () -> Nets.parent().hasBias(true).activation(Activation.TANH).build());
    LAYERS.put(
        "strided, padded and dilated convolution",
        () ->
            new Convolution.Builder(3, 2)
                .nOut(3)
                .stride(2, 1)
                .padding(1, 0)
                .dilation(1, 2)
                .convolutionMode(ConvolutionMode.Truncate)
                .build());
    LAYERS.put("depthwise convolution", () -> new DepthwiseConvolution.Builder(3, 3).build());
    LAYERS.put("child", () -> Nets.child().hasBias(true).build());
    LAYERS.put("child without gate", () -> Nets.child().noGate().build());
    LAYERS.put(
        "child without modulation",
        () -> Nets.child().spatialModulation(false).filterModulation(false).build());
    LAYERS.put(
        "child in SameDiff",
        () -> new SameDiffKernelDNAConvolution.Builder(Nets.child().hasBias(true).build()).build());
    LAYERS.put("peer", () -> new MixtureConvolution.Builder(3, 3).nOut(2).build());
    LAYERS.put("gate", () -> new SqueezeExcitation.Builder().ratio(2).build());
    LAYERS.put("batch normalisation", () -> new BatchNorm.Builder().eps(0.1).build());
    LAYERS.put(
        "batch normalisation with ReLU",
        () -> new BatchNorm.Builder().rectifier(Activation.RELU).build());
    LAYERS.put("layer normalisation", () -> new ChannelLayerNorm.Builder().eps(0.1).build());
    LAYERS.put("layer scale", () -> new LayerScale.Builder().build());
    LAYERS.put("drop path", () -> new DropPath.Builder(0.3).build());
    LAYERS.put("ReLU", () -> new Relu(Activation.RELU));
    LAYERS.put("ReLU6", () -> new Relu(Activation.RELU6));
    LAYERS.put("GELU", () -> new ActivationLayer.Builder().activation(new Gelu()).build());
  }

  static Stream<Arguments> layers() {
    return LAYERS.keySet().stream()
        .flatMap(name -> Stream.of(CNN2DFormat.values()).map(f -> Arguments.of(name, f)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void everyLayer(String name, CNN2DFormat format) {
    assertReads(
        Nets.alone(LAYERS.get(name).get(), Nets.options(DataType.FLOAT), format).build(), format);
  }

  /** Parent's and child's kernels, shared convolutions, biases. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void sharedKernels(CNN2DFormat format) {
    Program program = assertReads(shared(format), format);
    Program folded = Folding.of(Inference.of(program));
    assertThat(folded.nodes())
        .filteredOn(node -> node.operation() instanceof Operation.Convolution)
        .hasSize(3)
        .allSatisfy(node -> assertThat(role(folded, node.input(1))).isEqualTo(Role.CONSTANT));
    assertThat(folded.nodes()).noneMatch(node -> node.operation() instanceof Operation.BatchNorm);
  }

  private static ComputationGraphConfiguration shared(CNN2DFormat format) {
    return KernelDNA.on(Nets.graph(Nets.options(DataType.FLOAT), format).setOutputs("last"))
        .child("first", "middle", Nets.child().build(), "in")
        .parent("middle", Nets.parent().hasBias(true).build(), "first")
        .child(
            "last",
            "middle",
            Nets.child().hasBias(true).activation(Activation.TANH).build(),
            "middle")
        .build();
  }

  @Test
  void whatTrainingMayDo() {
    KernelDNAConvolution child = Nets.child().hasBias(true).frozenStatistics(true).build();
    child.setFrozenKernel(true);
    Program program =
        GraphReader.read(
            Nets.init(Nets.alone(child, Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build()));
    assertThat(Stream.of("W", "b", "s", "f", "gateW1", "gateGamma", "gateMean", "gateVar"))
        .extracting(key -> role(program, "layer:" + key))
        .containsExactly(
            Role.FROZEN,
            Role.FROZEN,
            Role.LEARNED,
            Role.LEARNED,
            Role.LEARNED,
            Role.LEARNED,
            Role.STATISTIC,
            Role.STATISTIC);
    assertThat(program.nodes())
        .anyMatch(node -> node.operation() instanceof Operation.BatchNorm norm && norm.frozen());
  }

  /** Every class that a graph can be configured with is in one of the networks here. */
  @Test
  void noConfigurationIsLeftOut() throws URISyntaxException, ClassNotFoundException {
    Set<Class<?>> read = new HashSet<>(Set.of(Gelu.class, SharedConvolution.class));
    LAYERS.values().forEach(layer -> read.add(layer.get().getClass()));
    for (GraphVertex vertex : shared(CNN2DFormat.NCHW).getVertices().values()) {
      if (vertex instanceof LayerVertex layer) {
        read.add(layer.getLayerConf().getLayer().getClass());
      }
    }
    URI classes = Convolution.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    for (String folder : List.of("org/kerneldna/layers", "org/kerneldna/layers/samediff")) {
      for (File file : Path.of(classes).resolve(folder).toFile().listFiles()) {
        String name = file.getName().replace(".class", "");
        if (file.isFile() && !name.equals("package-info")) {
          Class<?> type = Class.forName(folder.replace('/', '.') + "." + name);
          if (isConfiguration(type)) {
            assertThat(read).contains(type);
          }
        }
      }
    }
  }

  private static boolean isConfiguration(Class<?> type) {
    return !Modifier.isAbstract(type.getModifiers())
        && Stream.of(Layer.class, GraphVertex.class, IActivation.class)
            .anyMatch(kind -> kind.isAssignableFrom(type));
  }

  private static Role role(Program program, String name) {
    return ((Parameter) program.byName().get(name).operation()).role();
  }

  private static Program assertReads(ComputationGraphConfiguration conf, CNN2DFormat format) {
    ComputationGraph net = Nets.randomized(conf);
    Program program = GraphReader.read(net);
    assertThat(program.nodes()).noneMatch(node -> node.operation() instanceof Opaque);
    assertThat(names(GraphReader.read(net.getConfiguration()))).isEqualTo(names(program));

    INDArray x = batch(DataType.FLOAT, format, SAMPLES);
    INDArray expected = net.outputSingle(x.dup()).castTo(DataType.DOUBLE);
    assertClose(Interpreter.outputs(program, x).get(0), expected, ROUNDING);
    Program folded = Folding.of(Inference.of(program));
    assertClose(Interpreter.outputs(folded, x).get(0), expected, ROUNDING);
    return program;
  }

  private static List<String> names(Program program) {
    return program.nodes().stream().map(Node::name).toList();
  }
}
