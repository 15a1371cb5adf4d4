package org.kerneldna.train;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.zoo.Architecture;
import org.kerneldna.zoo.ZooNetwork;

/**
 * Which network is trained.
 *
 * @param arch an architecture's name in the zoo
 * @param customize with KernelDNA; false is the static network
 * @param imageSize side of the square inputs, in pixels
 * @param width factor of all channel counts
 * @param smallStem first convolution 3x3, stride 1, no pooling: for small images
 */
public record ModelSpec(
    String arch, boolean customize, int imageSize, double width, boolean smallStem) {

  private static final int SMALLEST_IMAGE = 8;

  /**
   * @throws IllegalArgumentException for a size or width that no network can have
   */
  public ModelSpec {
    if (imageSize < SMALLEST_IMAGE) {
      throw new IllegalArgumentException(
          "image size " + imageSize + " is too small: give at least " + SMALLEST_IMAGE);
    }
    if (!(width > 0)) {
      throw new IllegalArgumentException("width " + width + " cannot be used: give more than 0");
    }
  }

  /**
   * A new network, initialised from the recipe's seed, that learns by the recipe.
   *
   * @param classes number of classes
   */
  public ComputationGraph build(int classes, Recipe recipe) {
    return network(classes, recipe).init();
  }

  /** The network of the zoo that {@link #build} initialises. */
  public ZooNetwork network(int classes, Recipe recipe) {
    return Architecture.named(arch)
        .builder(customize)
        .seed(recipe.initialSeed())
        .numClasses(classes)
        .inputShape(new int[] {3, imageSize, imageSize})
        .width(width)
        .smallStem(smallStem)
        .updater(recipe.updater())
        .weightDecay(recipe.weightDecay())
        .build();
  }

  /** The network of the paper for ImageNet, static: 224 pixels, full width, large stem. */
  public static ModelSpec of(String arch) {
    return new ModelSpec(arch, false, 224, 1, false);
  }

  /** What the network takes: RGB images. */
  public InputType inputType() {
    return InputType.convolutional(imageSize, imageSize, 3);
  }

  /** The name for people, "resnet18 KernelDNA" or "resnet18 static". */
  public String title() {
    return arch + (customize ? " KernelDNA" : " static");
  }
}
