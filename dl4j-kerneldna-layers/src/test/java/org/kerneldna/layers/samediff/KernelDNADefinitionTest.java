package org.kerneldna.layers.samediff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Holds the native path and the SameDiff definition together, on random configurations. */
class KernelDNADefinitionTest {

  private static final double TOLERANCE = 1e-9;

  static Stream<Arguments> configurations() {
    return IntStream.range(0, 24)
        .boxed()
        .flatMap(seed -> Stream.of(Arguments.of(seed, true), Arguments.of(seed, false)));
  }

  @ParameterizedTest(name = "configuration {0}, batch statistics {1}")
  @MethodSource("configurations")
  void nativePathEqualsDefinition(int seed, boolean batchStatistics) {
    Random random = new Random(seed);
    Nd4j.getRandom().setSeed(seed);
    KernelDNAConvolution conf = randomConfiguration(random, batchStatistics);
    Layer layer = instantiate(conf);
    randomise(conf, layer.paramTable());
    INDArray x = randomInput(conf, random);

    layer.setInput(x, LayerWorkspaceMgr.noWorkspaces());
    INDArray output = layer.activate(true, LayerWorkspaceMgr.noWorkspaces());
    INDArray gradOut = Nd4j.randn(DataType.DOUBLE, output.shape());
    Map<String, INDArray> expected =
        definition(conf, layer.paramTable(), x, gradOut, batchStatistics);
    Pair<Gradient, INDArray> backward =
        layer.backpropGradient(gradOut.dup(), LayerWorkspaceMgr.noWorkspaces());

    assertClose("output", output, expected.get("output"));
    assertClose("input", backward.getSecond(), expected.get("input"));
    learned(conf)
        .forEach(
            key -> assertClose(key, backward.getFirst().getGradientFor(key), expected.get(key)));
  }

  private static KernelDNAConvolution randomConfiguration(Random random, boolean batchStatistics) {
    int kernel = List.of(1, 2, 3).get(random.nextInt(3));
    boolean same = random.nextBoolean();
    int stride = 1 + random.nextInt(2);
    int dilation = stride == 1 ? 1 + random.nextInt(2) : 1;
    KernelDNAConvolution.Builder builder =
        new KernelDNAConvolution.Builder(kernel, kernel)
            .nIn(4 + random.nextInt(3))
            .nOut(2 + random.nextInt(3))
            .stride(stride, stride)
            .dilation(dilation, dilation)
            .convolutionMode(same ? ConvolutionMode.Same : ConvolutionMode.Truncate)
            .padding(same ? 0 : random.nextInt(kernel), same ? 0 : random.nextInt(kernel))
            .hasBias(random.nextBoolean())
            .spatialModulation(random.nextBoolean())
            .filterModulation(random.nextBoolean())
            .activation(
                List.of(Activation.IDENTITY, Activation.TANH, Activation.ELU)
                    .get(random.nextInt(3)))
            .dataFormat(random.nextBoolean() ? CNN2DFormat.NCHW : CNN2DFormat.NHWC)
            .frozenStatistics(!batchStatistics);
    return (random.nextInt(4) == 0 ? builder.noGate() : builder.gate(1 + random.nextInt(3)))
        .build();
  }

  private static Layer instantiate(KernelDNAConvolution conf) {
    NeuralNetConfiguration full =
        new NeuralNetConfiguration.Builder().dataType(DataType.DOUBLE).layer(conf).build();
    long count = conf.initializer().numParams(conf);
    Layer layer =
        conf.instantiate(
            full, List.of(), 0, Nd4j.create(DataType.DOUBLE, count), true, DataType.DOUBLE);
    layer.setBackpropGradientsViewArray(Nd4j.create(DataType.DOUBLE, count));
    return layer;
  }

  private static void randomise(KernelDNAConvolution conf, Map<String, INDArray> params) {
    for (Parameter p : conf.parameters()) {
      INDArray values = Nd4j.randn(DataType.DOUBLE, p.shape()).muli(0.5);
      boolean positive = p.role() == Parameter.Role.RUNNING_VARIANCE;
      params.get(p.key()).assign(positive ? values.muli(values).addi(0.5) : values);
    }
  }

  private static INDArray randomInput(KernelDNAConvolution conf, Random random) {
    long n = 3 + random.nextInt(2);
    long h = 5 + random.nextInt(3);
    long w = 5 + random.nextInt(3);
    return conf.getCnn2dDataFormat() == CNN2DFormat.NCHW
        ? Nd4j.randn(DataType.DOUBLE, n, conf.getNIn(), h, w)
        : Nd4j.randn(DataType.DOUBLE, n, h, w, conf.getNIn());
  }

  private static List<String> learned(KernelDNAConvolution conf) {
    return conf.parameters().stream()
        .filter(p -> !p.role().isStatistic())
        .map(Parameter::key)
        .toList();
  }

  /** Output and gradients of the sum of output * gradOut, by SameDiff. */
  private static Map<String, INDArray> definition(
      KernelDNAConvolution conf,
      Map<String, INDArray> params,
      INDArray x,
      INDArray gradOut,
      boolean batchStatistics) {
    SameDiff sd = SameDiff.create();
    SDVariable input = sd.var("input", x);
    Map<String, SDVariable> variables = new LinkedHashMap<>();
    params.forEach((key, value) -> variables.put(key, sd.var(key, value.dup())));
    SDVariable output =
        KernelDNADefinition.define(sd, conf, input, variables, batchStatistics).rename("output");
    output.mul(sd.constant("gradOut", gradOut)).sum().rename("loss");
    sd.setLossVariables("loss");

    Map<String, INDArray> results = new HashMap<>(sd.output(Map.of(), "output"));
    results.putAll(
        sd.calculateGradients(
            Map.of(),
            Stream.concat(Stream.of("input"), learned(conf).stream()).toArray(String[]::new)));
    return results;
  }

  private static void assertClose(String what, INDArray actual, INDArray expected) {
    double scale = Math.max(1, expected.amaxNumber().doubleValue());
    double error =
        actual.reshape(expected.shape()).sub(expected).amaxNumber().doubleValue() / scale;
    assertThat(error).as("relative error of " + what).isLessThan(TOLERANCE);
  }
}
