package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.HEIGHT;
import static org.kerneldna.layers.Nets.WIDTH;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.batch;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.randn;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.samediff.SameDiffKernelDNAConvolution;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What every layer of this module must do, whatever it computes. */
class EveryLayerTest {

  private static final int SAMPLES = 3;

  /** Each kind of layer, so made that its output has the shape of its input, in both layouts. */
  static Stream<Arguments> layers() {
    ConvolutionLayer kernel = new Convolution.Builder(HEIGHT, WIDTH).nIn(CHANNELS).build();
    kernel.setNOut(SAMPLES);
    KernelDNAConvolution ofKernel =
        new KernelDNAConvolution.Builder(HEIGHT, WIDTH).nIn(CHANNELS).nOut(SAMPLES).build();
    Stream<Layer> kernels = Stream.of(ParentKernel.of(kernel), ChildKernel.of(ofKernel));
    return Stream.concat(
        kernels.map(layer -> named(layer, CNN2DFormat.NCHW)),
        Stream.of(CNN2DFormat.values())
            .flatMap(format -> ofActivations(format).map(layer -> named(layer, format))));
  }

  private static Arguments named(Layer layer, CNN2DFormat format) {
    return arguments(
        org.junit.jupiter.api.Named.named(layer.getClass().getSimpleName(), layer), format);
  }

  private static Stream<Layer> ofActivations(CNN2DFormat format) {
    Convolution biased =
        new Convolution.Builder(1, 1).nIn(CHANNELS).nOut(CHANNELS).dataFormat(format).build();
    return Stream.of(
        Nets.parent().build(),
        Nets.parent().hasBias(true).activation(Activation.TANH).build(),
        new DepthwiseConvolution.Builder(3, 3).activation(new Gelu()).build(),
        child().build(),
        child().hasBias(true).activation(Activation.SIGMOID).build(),
        new SameDiffKernelDNAConvolution.Builder(child().dataFormat(format).build()).build(),
        child().noGate().frozenStatistics(true).activation(Activation.TANH).build(),
        new BatchNorm.Builder().build(),
        new BatchNorm.Builder().eps(0.1).decay(0.7).rectifier(Activation.RELU6).build(),
        new BatchNorm.Builder().frozenStatistics(true).build(),
        new ChannelLayerNorm.Builder().eps(1e-3).build(),
        new SqueezeExcitation.Builder().ratio(2).build(),
        new LayerScale.Builder().initialValue(0.1).build(),
        new DropPath.Builder(0.5).build(),
        ChannelBias.of(biased),
        new Relu(Activation.RELU),
        new Relu(Activation.RELU6));
  }

  @Test
  void noKindIsMissing() throws Exception {
    File folder = new File(BatchNorm.class.getResource("BatchNorm.class").toURI()).getParentFile();
    for (File file : folder.listFiles((in, name) -> name.endsWith(".class"))) {
      Class<?> kind = Class.forName("org.kerneldna.layers." + file.getName().replace(".class", ""));
      if (Layer.class.isAssignableFrom(kind) && !Modifier.isAbstract(kind.getModifiers())) {
        assertThat(layers().anyMatch(each -> payload(each).getClass() == kind))
            .as(kind.getName())
            .isTrue();
      }
    }
  }

  private static Object payload(Arguments arguments) {
    return ((org.junit.jupiter.api.Named<?>) arguments.get()[0]).getPayload();
  }

  /** Others may read it too; without workspaces it is no copy. */
  @ParameterizedTest
  @MethodSource("layers")
  void leavesItsInputAsItIs(Layer layer, CNN2DFormat format) {
    ComputationGraph net = alone(layer, format);
    INDArray x = batch(DataType.DOUBLE, format, SAMPLES);
    INDArray before = x.dup();
    for (boolean training : new boolean[] {false, true}) {
      net.getLayer("layer").activate(x, training, LayerWorkspaceMgr.noWorkspaces());
      assertThat(x).isEqualTo(before);
    }
  }

  /** Beside another branch of the graph, so that each must leave alone what the other reads. */
  @ParameterizedTest
  @MethodSource("layers")
  void hasTheGradientsOfFiniteDifferences(Layer layer, CNN2DFormat format) {
    ComputationGraph net = Nets.randomized(residual(layer.clone(), format));
    Nets.assertGradients(net, Nets.labelled(DataType.DOUBLE, format, SAMPLES));
  }

  /** Frozen, it computes as at inference, without noise, and passes the gradient of that on. */
  @ParameterizedTest
  @MethodSource("layers")
  void passesGradientsOnWhenFrozen(Layer layer, CNN2DFormat format) {
    Layer noisy = withDropout(layer);
    if (noisy instanceof BaseLayer weighted) {
      weighted.setWeightNoise(new Halving());
    }
    ComputationGraph net = Nets.randomized(residual(new FrozenLayerWithBackprop(noisy), format));
    DataSet data = Nets.labelled(DataType.DOUBLE, format, SAMPLES);
    Map<String, INDArray> before = net.clone().paramTable();
    Nets.assertGradients(net, data, name -> name.startsWith("before"));
    net.fit(data);
    net.paramTable()
        .forEach(
            (name, value) ->
                assertThat(value.equals(before.get(name)))
                    .as(name)
                    .isEqualTo(name.startsWith("layer")));
    assertClose(
        net.feedForward(data.getFeatures(), true).get("layer"),
        net.feedForward(data.getFeatures(), false).get("layer"),
        1e-12);
  }

  private static ComputationGraphConfiguration residual(Layer layer, CNN2DFormat format) {
    return Nets.graph(Nets.options(DataType.DOUBLE), format)
        .addLayer("before", new ConvolutionLayer.Builder(1, 1).nOut(CHANNELS).build(), "in")
        .addLayer("layer", layer, "before")
        .addVertex("sum", new ElementWiseVertex(Op.Add), "before", "layer")
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "sum")
        .addLayer("out", Nets.output().build(), "pool")
        .setOutputs("out")
        .build();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void survivesSaving(Layer layer, CNN2DFormat format) throws IOException {
    LayerCheck.survivesSaving(layer, format);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void refusesAnEmptyBatch(Layer layer, CNN2DFormat format) {
    ComputationGraph net = alone(layer, format);
    INDArray none = Nd4j.create(DataType.DOUBLE, batch(DataType.DOUBLE, format, 1).shape());
    long[] shape = none.shape().clone();
    shape[0] = 0;
    INDArray empty = Nd4j.create(DataType.DOUBLE, shape);
    for (boolean training : new boolean[] {false, true}) {
      assertThatExceptionOfType(DL4JInvalidInputException.class)
          .isThrownBy(() -> net.feedForward(empty, training))
          .withMessageContainingAll("\"layer\"", "empty batch", "[0, ", "at least one sample");
    }
  }

  /** Dropout that triples, in place of chance. */
  private static final class Tripling implements IDropout {

    @Override
    public INDArray applyDropout(
        INDArray in, INDArray out, int iteration, int epoch, LayerWorkspaceMgr workspaces) {
      return out.assign(in.mul(3));
    }

    @Override
    public INDArray backprop(INDArray gradOut, INDArray gradIn, int iteration, int epoch) {
      return gradIn.assign(gradOut.mul(3));
    }

    @Override
    public void clear() {}

    @Override
    public IDropout clone() {
      return this;
    }
  }

  /** Noise that halves what DL4J's may change: weights, and biases where asked to. */
  private static final class Halving implements IWeightNoise {

    @Override
    public INDArray getParameter(
        org.deeplearning4j.nn.api.Layer layer,
        String key,
        int iteration,
        int epoch,
        boolean training,
        LayerWorkspaceMgr workspaces) {
      INDArray p = layer.getParam(key);
      return training && isNoisy(layer.conf(), key) ? p.mul(0.5) : p;
    }

    @Override
    public IWeightNoise clone() {
      return this;
    }
  }

  private static boolean isNoisy(NeuralNetConfiguration conf, String key) {
    Layer layer = conf.getLayer();
    return layer.initializer().isWeightParam(layer, key)
        || layer.initializer().isBiasParam(layer, key);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void dropsItsInputInTrainingOnly(Layer layer, CNN2DFormat format) {
    ComputationGraph dropping = alone(withDropout(layer), format);
    ComputationGraph plain = alone(layer, format);
    boolean drops = !(layer instanceof KernelLayer || layer instanceof ChannelBias);
    INDArray x = batch(DataType.DOUBLE, format, SAMPLES);
    INDArray seen = drops ? x.mul(3) : x;
    assertClose(dropping.outputSingle(x), plain.outputSingle(x), 1e-12);

    Pair<INDArray, Pair<Gradient, INDArray>> actual = train(dropping, x);
    Pair<INDArray, Pair<Gradient, INDArray>> expected = train(plain, seen);
    assertSame(actual, expected, drops ? 3 : 1);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void hasWeightNoiseInTrainingOnly(Layer layer, CNN2DFormat format) {
    Layer noisy = layer.clone();
    if (!(noisy instanceof BaseLayer weighted)) {
      return; // It has no parameters, and no option of weight noise.
    }
    weighted.setWeightNoise(new Halving());
    ComputationGraph net = alone(noisy, format);
    ComputationGraph halved = alone(layer, format);
    INDArray x = batch(DataType.DOUBLE, format, SAMPLES);
    assertClose(net.outputSingle(x), halved.outputSingle(x), 1e-12);

    NeuralNetConfiguration conf = halved.getLayer("layer").conf();
    Map<String, INDArray> table = new LinkedHashMap<>(halved.getLayer("layer").paramTable());
    table.keySet().removeIf(key -> !isNoisy(conf, key));
    assertThat(table.isEmpty()).isEqualTo(layer instanceof LayerScale);
    table.values().forEach(value -> value.muli(0.5));
    assertSame(train(net, x), train(halved, x), 1);
  }

  /** Output in training, and gradients for a random gradient of it. */
  private static Pair<INDArray, Pair<Gradient, INDArray>> train(ComputationGraph net, INDArray x) {
    net.initGradientsView();
    org.deeplearning4j.nn.api.Layer layer = net.getLayer("layer");
    Nd4j.getRandom().setSeed(5);
    INDArray out = layer.activate(x.dup(), true, LayerWorkspaceMgr.noWorkspaces()).dup();
    INDArray epsilon = randn(DataType.DOUBLE, 4, out.shape());
    return new Pair<>(out, layer.backpropGradient(epsilon, LayerWorkspaceMgr.noWorkspaces()));
  }

  private static void assertSame(
      Pair<INDArray, Pair<Gradient, INDArray>> actual,
      Pair<INDArray, Pair<Gradient, INDArray>> expected,
      double factorOfGradX) {
    assertThat(actual.getFirst().equalsWithEps(expected.getFirst(), 1e-12)).isTrue();
    INDArray gradX = expected.getSecond().getSecond().mul(factorOfGradX);
    assertThat(actual.getSecond().getSecond().equalsWithEps(gradX, 1e-12)).isTrue();
    Map<String, INDArray> gradients = expected.getSecond().getFirst().gradientForVariable();
    actual
        .getSecond()
        .getFirst()
        .gradientForVariable()
        .forEach(
            (key, gradient) ->
                assertThat(gradient.equalsWithEps(gradients.get(key), 1e-12)).as(key).isTrue());
  }

  /** A copy with dropout, given as the options of a whole graph give it. */
  private static Layer withDropout(Layer layer) {
    Layer dropping = layer.clone();
    dropping.setIDropout(new Tripling());
    return dropping;
  }

  private static ComputationGraph alone(Layer layer, CNN2DFormat format) {
    return Nets.randomized(
        Nets.alone(layer.clone(), Nets.options(DataType.DOUBLE), format).build());
  }
}
