package org.kerneldna.train.data;

import java.util.List;
import lombok.Builder;

/**
 * What is done to training images beside cropping and flipping, as torchvision does it. By default
 * nothing.
 *
 * @param colorJitter strengths of brightness, contrast, saturation and hue, see {@link
 *     ColorJitter}; a single number is that of the first three; empty: none
 * @param trivialAugment whether every image goes through {@link TrivialAugmentWide}
 * @param randomErasing probability of {@link RandomErasing}
 * @param mixup alpha of MixUp, by which the images of a batch and their labels are blended; 0: none
 * @param cutmix alpha of CutMix, by which a rectangle of each image is that of another, and its
 *     label likewise; 0: none. With both, either is drawn for each batch
 */
@Builder
public record Augmentation(
    List<Double> colorJitter,
    boolean trivialAugment,
    double randomErasing,
    double mixup,
    double cutmix) {

  /** Nothing. */
  public static final Augmentation NONE = builder().build();

  private static final int STRENGTHS = 4;

  /**
   * @throws IllegalArgumentException for a value that cannot be used
   */
  public Augmentation {
    colorJitter = colorJitter == null ? List.of() : List.copyOf(colorJitter);
    if (colorJitter.size() > 1 && colorJitter.size() != STRENGTHS) {
      throw new IllegalArgumentException(
          "color jitter %s cannot be used: give one strength, or brightness, contrast, saturation and hue"
              .formatted(colorJitter));
    }
    jitter(colorJitter);
    require(0 <= randomErasing && randomErasing <= 1, "random erasing", randomErasing, "0 to 1");
    require(isStrength(mixup), "mixup", mixup, "0 or more");
    require(isStrength(cutmix), "cutmix", cutmix, "0 or more");
  }

  private static boolean isStrength(double alpha) {
    return 0 <= alpha && alpha < Double.POSITIVE_INFINITY;
  }

  private static void require(boolean usable, String name, double value, String remedy) {
    if (!usable) {
      throw new IllegalArgumentException(name + " " + value + " cannot be used: give " + remedy);
    }
  }

  private static ColorJitter jitter(List<Double> strengths) {
    return switch (strengths.size()) {
      case 0 -> new ColorJitter(0, 0, 0, 0);
      case 1 -> new ColorJitter(strengths.get(0), strengths.get(0), strengths.get(0), 0);
      default ->
          new ColorJitter(strengths.get(0), strengths.get(1), strengths.get(2), strengths.get(3));
    };
  }

  /**
   * A transform followed by those of single images.
   *
   * @param normalization tells what colour erased pixels have
   */
  ImageTransform after(ImageTransform transform, Normalization normalization) {
    ImageTransform result = transform;
    if (!colorJitter.isEmpty()) {
      result = result.then(jitter(colorJitter));
    }
    if (trivialAugment) {
      result = result.then(new TrivialAugmentWide());
    }
    if (randomErasing > 0) {
      result = result.then(new RandomErasing(randomErasing, normalization));
    }
    return result;
  }

  /** What is done to whole batches. */
  BatchMix batchMix() {
    return new BatchMix(mixup, cutmix);
  }
}
