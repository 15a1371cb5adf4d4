package org.kerneldna.train;

import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.Architecture;
import org.kerneldna.zoo.ZooNetwork;
import org.kerneldna.zoo.ZooNetwork.ZooNetworkBuilder;

/**
 * Which network is trained.
 *
 * @param arch an architecture's name in the zoo
 * @param customize with KernelDNA; false is the static network
 * @param imageSize side of the square inputs, in pixels
 * @param width factor of all channel counts
 * @param smallStem first convolution 3x3, stride 1, no pooling: for small images
 * @param adapted whether convolutions of the trained network have come to share kernels since: this
 *     is then what the network was, and what it is only its checkpoint tells
 */
public record ModelSpec(
    String arch,
    boolean customize,
    int imageSize,
    double width,
    boolean smallStem,
    boolean adapted) {

  private static final int SMALLEST_IMAGE = 8;

  /** One such image still fits an array. */
  private static final int LARGEST_IMAGE = 1 << 14;

  /**
   * @throws IllegalArgumentException for an unknown architecture, and a size or width that no
   *     network can have
   */
  public ModelSpec {
    Architecture.named(arch);
    if (imageSize < SMALLEST_IMAGE) {
      throw new IllegalArgumentException(
          "image size " + imageSize + " is too small: give at least " + SMALLEST_IMAGE);
    }
    if (imageSize > LARGEST_IMAGE) {
      throw new IllegalArgumentException(
          "image size " + imageSize + " is too large: give at most " + LARGEST_IMAGE);
    }
    if (!(0 < width && width < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("width " + width + " cannot be used: give more than 0");
    }
  }

  /** A network of the zoo as it is. */
  public ModelSpec(String arch, boolean customize, int imageSize, double width, boolean smallStem) {
    this(arch, customize, imageSize, width, smallStem, false);
  }

  /**
   * A new network, initialised from the recipe's seed, that learns by the recipe.
   *
   * @param classes number of classes
   * @throws IllegalStateException if this describes an adapted network, which cannot be built
   * @throws InputException if the images are too small for the network
   */
  public ComputationGraph build(int classes, Recipe recipe) {
    ComputationGraph graph = initialised(network(classes, recipe));
    recipe.applyTo(graph);
    return graph;
  }

  private ComputationGraph initialised(ZooNetwork network) {
    try {
      return network.init();
    } catch (DL4JInvalidConfigException e) {
      throw new InputException(
          "%s cannot take images of %d pixels: %s".formatted(title(), imageSize, e.getMessage()),
          e);
    }
  }

  /**
   * The network of the zoo that {@link #build} initialises.
   *
   * @throws IllegalStateException if this describes an adapted network, which is none of the zoo
   */
  public ZooNetwork network(int classes, Recipe recipe) {
    return builder(classes, recipe).build();
  }

  /**
   * A builder of that network, for what this does not tell, such as the layout.
   *
   * @throws IllegalStateException if this describes an adapted network, which is none of the zoo
   */
  public ZooNetworkBuilder<?, ?> builder(int classes, Recipe recipe) {
    if (adapted) {
      throw new IllegalStateException(
          "an adapted " + arch + " cannot be built anew: load its checkpoint");
    }
    return Architecture.named(arch)
        .builder(customize)
        .seed(recipe.initialSeed())
        .numClasses(classes)
        .inputShape(new int[] {3, imageSize, imageSize})
        .width(width)
        .smallStem(smallStem)
        .stochasticDepth(recipe.dropPath())
        .updater(recipe.updater())
        .weightDecay(recipe.weightDecay());
  }

  /** The network of the paper for ImageNet, static: 224 pixels, its own width, large stem. */
  public static ModelSpec of(String arch) {
    return new ModelSpec(arch, false, 224, Architecture.named(arch).width(), false);
  }

  /** What the network takes: RGB images. */
  public InputType inputType() {
    return InputType.convolutional(imageSize, imageSize, 3);
  }

  /** The same, adapted. */
  public ModelSpec asAdapted() {
    return new ModelSpec(arch, customize, imageSize, width, smallStem, true);
  }

  /** The name for people: "resnet18 KernelDNA", "resnet18 static" or "resnet18 adapted". */
  public String title() {
    if (adapted) {
      return arch + (customize ? " KernelDNA" : "") + " adapted";
    }
    return arch + (customize ? " KernelDNA" : " static");
  }
}
