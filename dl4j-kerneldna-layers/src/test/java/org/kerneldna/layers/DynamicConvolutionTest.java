package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.batch;
import static org.kerneldna.layers.Nets.randn;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.layers.dynamic.KernelDerivation;
import org.kerneldna.layers.dynamic.KernelDerivation.Derived;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.peer.MixtureConvolution;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Kernels that differ from sample to sample, and another member of the family than KernelDNA. */
class DynamicConvolutionTest {

  private static final int SAMPLES = 3;
  private static final int OUTPUTS = 2;

  @ParameterizedTest
  @CsvSource(
      useHeadersInDisplayName = true,
      textBlock =
          """
          FORMAT, MODE,     STRIDE, DILATION, BIAS
          NCHW,   Same,     1,      1,        true
          NHWC,   Same,     2,      1,        false
          NCHW,   Truncate, 1,      2,        false
          NHWC,   Truncate, 1,      1,        true
          """)
  void aPeerLearns(
      CNN2DFormat format, ConvolutionMode mode, int stride, int dilation, boolean bias) {
    MixtureConvolution peer =
        new MixtureConvolution.Builder(3, 3)
            .nOut(OUTPUTS)
            .convolutionMode(mode)
            .stride(stride, stride)
            .dilation(dilation, dilation)
            .hasBias(bias)
            .activation(Activation.TANH)
            .build();
    assertGradients(
        Nets.graph(Nets.options(DataType.DOUBLE).l2(0.02), format)
            .addLayer("before", new ConvolutionLayer.Builder(1, 1).nOut(4).build(), "in")
            .addLayer("end", peer, "before"),
        format);
  }

  @Test
  void aPeerIsSavedLikeAnyLayer() throws IOException {
    LayerCheck.survivesSaving(
        new MixtureConvolution.Builder(3, 3).nOut(OUTPUTS).build(), CNN2DFormat.NHWC);
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void aPeersArraysEqualItsDefinition(CNN2DFormat format) {
    MixtureConvolution peer =
        new MixtureConvolution.Builder(3, 3).nIn(4).nOut(OUTPUTS).dataFormat(format).build();
    KernelDerivation mixture = peer.derivation();
    INDArray parent = randn(DataType.DOUBLE, 1, OUTPUTS, 4, 3, 3);
    INDArray x = batch(DataType.DOUBLE, format, SAMPLES);
    Map<String, INDArray> params = new HashMap<>();
    Map<String, INDArray> gradients = new HashMap<>();
    SameDiff sd = SameDiff.create();
    Map<String, SDVariable> variables = new HashMap<>();
    for (Parameter p : mixture.parameters()) {
      params.put(p.key(), Nd4j.randn(DataType.DOUBLE, p.shape()));
      gradients.put(p.key(), params.get(p.key()).like());
      variables.put(p.key(), sd.var(p.key(), params.get(p.key())));
    }
    Pass pass = new Pass(params, true, DataType.DOUBLE, LayerWorkspaceMgr.noWorkspaces());
    Derived derived = mixture.forward(parent, x, pass);
    INDArray gradKernel = Nd4j.randn(DataType.DOUBLE, derived.kernel().shape());
    gradients.put("parent", parent.like());
    gradients.put("x", derived.backward(gradKernel, gradients.get("parent"), gradients, pass));

    SDVariable kernel =
        mixture.define(sd.var("parent", parent), sd.var("x", x), variables, true).rename("kernel");
    kernel.mul(sd.constant(gradKernel)).sum().rename("loss");
    sd.setLossVariables("loss");
    assertClose(derived.kernel(), sd.output(Map.of(), "kernel").get("kernel"), 1e-12);
    sd.calculateGradients(Map.of(), gradients.keySet())
        .forEach((key, expected) -> assertClose(gradients.get(key), expected, 1e-12));
  }

  /** The copy in the network's data type is there on the way back, too. */
  @Test
  void anInputOfAnotherDataType() {
    ComputationGraph net =
        Nets.init(
            Nets.graph(Nets.options(DataType.DOUBLE), CNN2DFormat.NCHW)
                .addLayer("child", Nets.child().noGate().build(), "in")
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "child")
                .addLayer("out", Nets.output().build(), "pool")
                .setOutputs("out")
                .build());
    DataSet data = Nets.labelled(DataType.FLOAT, CNN2DFormat.NCHW, SAMPLES);
    data.setLabels(data.getLabels().castTo(DataType.DOUBLE));
    INDArray actual = Nets.gradient(net, data);
    data.setFeatures(data.getFeatures().castTo(DataType.DOUBLE));
    assertClose(actual, Nets.gradient(net, data), 1e-12);
  }

  /** A network computes the kernels of another, by DL4J's own layers. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void aSharedConvolutionTakesAKernelForEachSample(CNN2DFormat format) {
    InputPreProcessor flattened =
        new CnnToFeedForwardPreProcessor(Nets.HEIGHT, Nets.WIDTH, OUTPUTS, format);
    assertGradients(
        hyperNetwork(DataType.DOUBLE, format).inputPreProcessor("loss", flattened), format);
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void eachSampleIsConvolvedWithItsOwnKernel(CNN2DFormat format) {
    ComputationGraph net =
        Nets.randomized(hyperNetwork(DataType.DOUBLE, format).setOutputs("end").build());
    INDArray x = batch(DataType.DOUBLE, format, SAMPLES);
    Map<String, INDArray> all = net.feedForward(x, false);
    for (int n = 0; n < SAMPLES; n++) {
      Convolution plain =
          new Convolution.Builder(3, 3).nOut(OUTPUTS).hasBias(false).dataFormat(format).build();
      ComputationGraph own =
          Nets.init(Nets.alone(plain, Nets.options(DataType.DOUBLE), format).build());
      own.setParam("layer_W", all.get("kernels").slice(n));
      INDArray one = all.get("before").slice(n);
      INDArray expected = own.outputSingle(Nd4j.expandDims(one, 0).dup('c'));
      assertClose(all.get("end").slice(n), expected.slice(0), 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"5 2 4 3 3", "2 4 9", "3 4 3 3", "2 4 2 3", "3 2 4 9", "1 3 2 4 3 3"})
  void kernelsThatDoNotFit(String shape) {
    ComputationGraph net =
        Nets.init(hyperNetwork(DataType.FLOAT, CNN2DFormat.NCHW).setOutputs("end").build());
    long[] dimensions = Stream.of(shape.split(" ")).mapToLong(Long::parseLong).toArray();
    GraphVertex convolution = net.getVertex("end");
    LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
    convolution.setInput(0, batch(DataType.FLOAT, CNN2DFormat.NCHW, SAMPLES), workspaces);
    convolution.setInput(1, randn(DataType.FLOAT, 1, dimensions), workspaces);
    assertThatExceptionOfType(DL4JInvalidInputException.class)
        .isThrownBy(() -> convolution.doForward(false, workspaces))
        .withMessageContainingAll(
            "\"end\"", "[2, nIn, 3, 3]", "3 samples", "[" + shape.replace(" ", ", ") + "]")
        .withMessageNotContaining("\n");
  }

  /**
   * A convolution {@code end} of the input whose kernels a dense layer computes from the input's
   * means.
   */
  private static GraphBuilder hyperNetwork(DataType type, CNN2DFormat format) {
    Convolution geometry =
        new Convolution.Builder(3, 3)
            .nIn(Nets.CHANNELS)
            .nOut(OUTPUTS)
            .convolutionMode(ConvolutionMode.Same)
            .dataFormat(format)
            .build();
    geometry.setLayerName("end");
    return Nets.options(type)
        .graphBuilder()
        .addInputs("in")
        .addLayer(
            "before",
            new ConvolutionLayer.Builder(1, 1)
                .nIn(Nets.CHANNELS)
                .nOut(Nets.CHANNELS)
                .dataFormat(format)
                .build(),
            "in")
        .addLayer(
            "means",
            new GlobalPoolingLayer.Builder(PoolingType.AVG)
                .poolingDimensions(format == CNN2DFormat.NCHW ? new int[] {2, 3} : new int[] {1, 2})
                .build(),
            "before")
        .addLayer(
            "weights",
            new DenseLayer.Builder().nIn(Nets.CHANNELS).nOut(OUTPUTS * Nets.CHANNELS * 9).build(),
            "means")
        .addVertex("kernels", new ReshapeVertex(-1, OUTPUTS, Nets.CHANNELS, 3, 3), "weights")
        .addVertex("end", new SharedConvolution(geometry), "before", "kernels");
  }

  private static void assertGradients(GraphBuilder graph, CNN2DFormat format) {
    ComputationGraph net =
        Nets.randomized(
            graph
                .addLayer("loss", new LossLayer.Builder(LossFunction.MSE).build(), "end")
                .setOutputs("loss")
                .build());
    INDArray input = batch(DataType.DOUBLE, format, SAMPLES);
    INDArray labels = randn(DataType.DOUBLE, 2, net.outputSingle(input).shape());
    Nets.assertGradients(net, new DataSet(input, labels));
  }
}
