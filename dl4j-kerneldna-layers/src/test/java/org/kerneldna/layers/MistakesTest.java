package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.HEIGHT;
import static org.kerneldna.layers.Nets.WIDTH;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.parent;
import static org.kerneldna.layers.Nets.randn;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.kerneldna.layers.samediff.SameDiffKernelDNAConvolution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What a user may get wrong ends in one clear sentence, as early as it can be known. */
class MistakesTest {

  private final GraphBuilder graph =
      Nets.graph(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).setOutputs("end");

  @Test
  void missingParent() {
    KernelDNA sharing =
        KernelDNA.on(graph)
            .parent("parent", parent().build(), "in")
            .child("end", "nobody", child().build(), "parent");
    assertInvalid(sharing::build, "\"end\"", "\"nobody\"", "not declared", "[parent]");
  }

  @Test
  void aKernelLargerThanItsInput() {
    Convolution conf =
        new Convolution.Builder(HEIGHT + 1, 1)
            .convolutionMode(ConvolutionMode.Truncate)
            .nOut(2)
            .build();
    GraphBuilder large = graph.addLayer("end", conf, "in");
    assertInvalid(large::build, "\"end\"", (HEIGHT + 1) + "x1", "give larger images");
  }

  /** Images of another size than the configuration says, or of which it says none. */
  @Test
  void aKernelLargerThanTheImagesOfABatch() {
    assertTooLarge(geometry(new Convolution.Builder(2, 2)).build());
    assertTooLarge(geometry(new DepthwiseConvolution.Builder(2, 2)).build());
    assertTooLarge(geometry(new KernelDNAConvolution.Builder(2, 2)).noGate().build());
    KernelDNA sharing =
        KernelDNA.on(graph).parent("end", geometry(new Convolution.Builder(2, 2)).build(), "in");
    assertTooLarge(Nets.init(sharing.build()));
  }

  /** An activation layer keeps the channels of its input, but a preprocessor may change them. */
  @Test
  void channelsThatAPreprocessorMakesAreNoMistake() {
    GraphBuilder reshaping =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("rows")
            .addLayer("dense", new DenseLayer.Builder().nIn(3).nOut(32).build(), "rows")
            .addLayer(
                "images",
                new ActivationLayer(Activation.RELU),
                new FeedForwardToCnnPreProcessor(2, 2, 8),
                "dense")
            .setOutputs("end");
    KernelDNA sharing =
        KernelDNA.on(reshaping)
            .parent("end", new Convolution.Builder(1, 1).nIn(8).nOut(2).build(), "images");

    INDArray output = Nets.init(sharing.build()).outputSingle(Nd4j.ones(2, 3));

    assertThat(output.shape()).containsExactly(2, 2, 2, 2);
  }

  private static <T extends ConvolutionLayer.BaseConvBuilder<T>> T geometry(T builder) {
    return builder.nOut(CHANNELS).stride(2, 2).convolutionMode(ConvolutionMode.Truncate);
  }

  private static void assertTooLarge(Layer layer) {
    assertTooLarge(
        Nets.init(
            Nets.graph(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW)
                .addLayer("end", layer, "in")
                .setOutputs("end")
                .build()));
  }

  private static void assertTooLarge(ComputationGraph net) {
    for (boolean training : new boolean[] {true, false}) {
      assertThatExceptionOfType(DL4JInvalidInputException.class)
          .isThrownBy(() -> net.outputSingle(training, Nd4j.ones(2, CHANNELS, 1, 3)))
          .withMessage(
              "Layer \"end\" has a kernel of 2x2, larger than its input of 1x3 with padding 0x0; use"
                  + " larger images, more padding or ConvolutionMode.Same");
    }
  }

  @Test
  void otherKernelSize() {
    KernelDNAConvolution pointwise = new KernelDNAConvolution.Builder(1, 1).nOut(CHANNELS).build();
    KernelDNA sharing =
        KernelDNA.on(graph)
            .child("child", "end", pointwise, "in")
            .parent("end", parent().build(), "child");
    assertInvalid(sharing::build, "\"child\"", "\"end\"", "kernel size", "[1, 1]", "[3, 3]");
  }

  @Test
  void otherNOut() {
    KernelDNA sharing =
        KernelDNA.on(graph)
            .parent("parent", parent().build(), "in")
            .child("end", "parent", child().nOut(7).build(), "parent");
    assertInvalid(sharing::build, "\"end\"", "\"parent\"", "nOut 7", "4");
  }

  @Test
  void otherNIn() {
    KernelDNA sharing =
        KernelDNA.on(graph)
            .parent("parent", parent().nOut(6).build(), "in")
            .child("end", "parent", child().nOut(6).build(), "parent");
    assertInvalid(sharing::build, "\"end\"", "\"parent\"", "nIn 6", "4");
  }

  @Test
  void modulatedParent() {
    KernelDNA sharing = KernelDNA.on(graph);
    assertInvalid(
        () -> sharing.parent("end", child().build(), "in"), "\"end\"", "KernelDNAConvolution");
    assertInvalid(
        () -> sharing.parent("end", new DepthwiseConvolution.Builder(3, 3).build(), "in"),
        "\"end\"",
        "DepthwiseConvolution");
  }

  @Test
  void inputsNotNamedYet() {
    GraphBuilder empty = Nets.options(DataType.FLOAT).graphBuilder();
    assertInvalid(() -> KernelDNA.on(empty), "addInputs");
  }

  @Test
  void gateWithoutAHiddenUnit() {
    assertInvalid(() -> init(child().gate(CHANNELS + 1).build()), "\"end\"", "ratio", "4");
    assertInvalid(
        () -> init(new SqueezeExcitation.Builder().ratio(CHANNELS + 1).build()),
        "\"end\"",
        "ratio",
        "4");
    assertInvalid(
        () ->
            Nets.init(
                KernelDNA.on(graph)
                    .parent("parent", parent().build(), "in")
                    .child("end", "parent", child().gate(CHANNELS + 1).build(), "parent")
                    .build()),
        "\"end",
        "ratio",
        "4");
  }

  @Test
  void optionsThatASameDiffLayerCannotHave() {
    KernelDNAConvolution frozen = child().build();
    frozen.setFrozenKernel(true);
    for (KernelDNAConvolution convolution :
        List.of(
            child().dropOut(0.5).build(),
            child().weightNoise(new DropConnect(0.5)).build(),
            frozen)) {
      assertInvalid(
          () -> init(new SameDiffKernelDNAConvolution.Builder(convolution).build()),
          "\"end\"",
          "no weight noise, dropout or frozen kernel");
    }
  }

  @Test
  void buildOfTheGraphInPlaceOfOurs() {
    KernelDNA.on(graph)
        .child("child", "end", child().build(), "in")
        .parent("end", parent().build(), "child");
    assertInvalid(() -> Nets.init(graph.build()), "\"end-kernel\"", "KernelDNA.build()");
  }

  @Test
  void trainingAGateOnABatchOfOne() {
    for (ComputationGraph net :
        new ComputationGraph[] {
          init(child().build()), init(new SqueezeExcitation.Builder().build())
        }) {
      INDArray one = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 1);
      assertInvalidInput(() -> net.feedForward(one, true), "\"end\"", "batch of 1");
      assertThat(net.outputSingle(one).size(0)).isEqualTo(1);
    }
    ComputationGraph frozen = init(child().frozenStatistics(true).build());
    assertThat(frozen.feedForward(Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 1), true))
        .containsKey("end");
  }

  @Test
  void trainingASharedGateOnABatchOfOne() {
    ComputationGraph net = Nets.init(Nets.shared(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW));
    DataSet one = Nets.labelled(DataType.FLOAT, CNN2DFormat.NCHW, 1);
    assertInvalidInput(() -> net.fit(one), "\"first-gate\"", "batch of 1");
    assertThat(net.outputSingle(one.getFeatures()).size(0)).isEqualTo(1);
  }

  @Test
  void normalisingOneNumberPerChannel() {
    ComputationGraph net = init(new BatchNorm.Builder().build());
    INDArray one = randn(DataType.FLOAT, 1, 1, CHANNELS, 1, 1);
    assertInvalidInput(() -> net.feedForward(one, true), "\"end\"", "batch of 2 or more");
    assertThat(net.outputSingle(one).size(0)).isEqualTo(1);
  }

  @Test
  void otherChannelsThanTheKernels() {
    INDArray wrong = randn(DataType.FLOAT, 1, 2, CHANNELS + 1, HEIGHT, WIDTH);
    ComputationGraph plain = init(parent().build());
    ComputationGraph alone = init(child().noGate().build());
    ComputationGraph shared =
        Nets.init(KernelDNA.on(graph).parent("end", parent().build(), "in").build());
    for (ComputationGraph net : new ComputationGraph[] {plain, alone, shared}) {
      assertInvalidInput(() -> net.output(wrong), "\"end\"", "4 channels", "[2, 5, 5, 6]");
    }
    assertInvalidInput(() -> init(child().build()).output(wrong), "\"end\"", "4 channels");
    assertInvalidInput(
        () -> init(new BatchNorm.Builder().build()).output(wrong), "\"end\"", "4 channels");
  }

  @Test
  void imagesInTheOtherLayout() {
    INDArray channelsLast = Nets.batch(DataType.FLOAT, CNN2DFormat.NHWC, 2);
    assertInvalidInput(
        () -> init(parent().build()).output(channelsLast), "\"end\"", "NCHW", "[2, 5, 6, 4]");
  }

  @Test
  void activationsThatAreNoImages() {
    GraphBuilder vectors =
        Nets.options(DataType.FLOAT)
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.recurrent(4, 7))
            .addLayer("end", new BatchNorm.Builder().build(), "in")
            .setOutputs("end");
    assertInvalid(vectors::build, "\"end\"", "BatchNorm needs CNN or FF");
  }

  private static ComputationGraph init(Layer layer) {
    return Nets.init(
        Nets.graph(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW)
            .addLayer("end", layer, "in")
            .setOutputs("end")
            .build());
  }

  private static void assertInvalid(ThrowingCallable mistake, String... words) {
    assertThatExceptionOfType(DL4JInvalidConfigException.class)
        .isThrownBy(mistake)
        .withMessageContainingAll(words);
  }

  private static void assertInvalidInput(ThrowingCallable mistake, String... words) {
    assertThatExceptionOfType(DL4JInvalidInputException.class)
        .isThrownBy(mistake)
        .withMessageContainingAll(words);
  }
}
