package org.kerneldna.zoo;

import lombok.Builder;
import lombok.Getter;
import lombok.experimental.SuperBuilder;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.zoo.ModelMetaData;
import org.deeplearning4j.zoo.ZooType;
import org.kerneldna.layers.MomentumSgd;
import org.kerneldna.torch.TorchCheckpoint;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A network that classifies images. Its graph has the input {@code input}, [N, channels, H, W] (or
 * channels last), and the output {@code output}, the classes' probabilities [N, classes]. Vertices
 * are named after the modules of the PyTorch network, and {@link #stateDict} says which parameter
 * is which of its tensors.
 *
 * <p>Convolutions start as PyTorch's networks do ({@link KaimingNormal} but for ConvNeXt), the
 * classifier uniform in ±1/√(its inputs), all biases at 0.
 */
@Getter
@SuperBuilder
public abstract class ZooNetwork extends GraphZooModel {

  static final String INPUT = "input";
  static final String OUTPUT = "output";

  /** Channel counts are multiples of this, and at least this: every gate has hidden units then. */
  private static final int DIVISOR = 8;

  /** Seed of the initial weights. Default: 123. */
  @Builder.Default private final long seed = 123;

  /** Number of classes. Default: 1000. */
  @Builder.Default private final int numClasses = 1000;

  /** Channels, height and width of the images, whatever the layout. Default: 3, 224, 224. */
  @Builder.Default private int[] inputShape = {3, 224, 224};

  /** Factor of all channel counts, which are then rounded to multiples of 8. Default: 1. */
  @Builder.Default private final double width = 1;

  /**
   * Whether the first convolution is 3x3 with stride 1 and no pooling follows, for images of about
   * 32 pixels. Default: false.
   */
  @Builder.Default private final boolean smallStem = false;

  /** The updater. Default: momentum SGD, learning rate 0.1, momentum 0.9. */
  @Builder.Default private final IUpdater updater = new MomentumSgd(0.1, 0.9);

  /**
   * L2 regularisation of every learned parameter, those of normalisations and biases included.
   * Default: 1e-4.
   */
  @Builder.Default private final double weightDecay = 1e-4;

  /** Data type of parameters and activations. Default: FLOAT. */
  @Builder.Default private final DataType dataType = DataType.FLOAT;

  /** Layout of images and activations. Default: NCHW. */
  @Builder.Default private final CNN2DFormat dataFormat = CNN2DFormat.NCHW;

  /**
   * Whether training keeps all running statistics and normalises with them, for adapting a trained
   * network with small batches. Default: false.
   */
  @Builder.Default private final boolean frozenStatistics = false;

  /**
   * Stochastic depth (arXiv 1603.09382): the probability of dropping the last residual branch in
   * training; 0 for the first, and linear in between. Default: 0; 0.1 for ConvNeXt.
   */
  @Builder.Default private final double stochasticDepth = 0;

  /** Adds the network's modules from the images to the logits [N, numClasses]. */
  abstract Features modules(Modules modules, Features images);

  /**
   * The configuration.
   *
   * @throws IllegalArgumentException if the width is not above 0, the input shape not channels,
   *     height and width, or stochastic depth not in [0, 1)
   */
  public ComputationGraphConfiguration conf() {
    return assemble().build();
  }

  /** A new network, initialised. */
  @Override
  @SuppressWarnings("unchecked")
  public ComputationGraph init() {
    ComputationGraph graph = new ComputationGraph(conf());
    graph.init();
    return graph;
  }

  /**
   * A network with the weights of a PyTorch checkpoint.
   *
   * @throws org.kerneldna.torch.CheckpointException if its tensors are not this network's
   */
  @Override
  public ComputationGraph init(TorchCheckpoint checkpoint) {
    ComputationGraph graph = init();
    TorchWeights.of(this).load(checkpoint, graph);
    return graph;
  }

  /** Where the PyTorch network's tensors are in this one. */
  public StateDict stateDict() {
    return assemble().stateDict();
  }

  /** What the graph takes as input. */
  public InputType inputType() {
    return InputType.convolutional(inputShape[1], inputShape[2], inputShape[0], dataFormat);
  }

  /**
   * Sets channels, height and width of the images.
   *
   * @param inputShape holds them in its first element
   */
  @Override
  public void setInputShape(int[][] inputShape) {
    this.inputShape = inputShape[0];
  }

  @Override
  @SuppressWarnings("deprecation")
  public ModelMetaData metaData() {
    return new ModelMetaData(new int[][] {inputShape}, 1, ZooType.CNN);
  }

  /** {@code count} channels at this network's width. */
  int channels(int count) {
    double wanted = count * width;
    int rounded = Math.max(DIVISOR, (int) (wanted + DIVISOR / 2.0) / DIVISOR * DIVISOR);
    // As torchvision does it: rounding down takes at most a tenth.
    return rounded < 0.9 * wanted ? rounded + DIVISOR : rounded;
  }

  /** How convolutions start. */
  IWeightInit weightInit() {
    return new KaimingNormal();
  }

  private Modules assemble() {
    validate();
    ComputationGraphConfiguration.GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(dataType)
            .updater(updater)
            .l2(weightDecay)
            .l2Bias(weightDecay)
            .activation(Activation.IDENTITY)
            .weightInit(weightInit())
            .graphBuilder()
            .addInputs(INPUT)
            .setInputTypes(inputType());
    Modules modules = new Modules(graph, new DropPaths(stochasticDepth), frozenStatistics);
    Features logits = modules(modules, new Features(INPUT, inputShape[0]));
    LossLayer loss =
        new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build();
    // DL4J neither infers it nor lets the builder set it, and warns of its absence.
    loss.setNOut(numClasses);
    graph.addLayer(OUTPUT, loss, logits.vertex()).setOutputs(OUTPUT);
    return modules;
  }

  private void validate() {
    if (!(width > 0)) {
      throw new IllegalArgumentException("Width must be above 0, got " + width);
    }
    if (inputShape.length != 3) {
      throw new IllegalArgumentException(
          "Input shape must be channels, height and width, got " + inputShape.length + " numbers");
    }
    if (!(stochasticDepth >= 0 && stochasticDepth < 1)) {
      throw new IllegalArgumentException(
          "Stochastic depth must be in [0, 1), got " + stochasticDepth);
    }
  }
}
