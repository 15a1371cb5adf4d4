package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * A step from decoded image to network input. Instances are immutable and used by several threads.
 */
@FunctionalInterface
public interface ImageTransform {

  /**
   * The transformed image; the given one is left as it is.
   *
   * @param random the image's own source of chance, so that results do not depend on other threads
   */
  RgbImage apply(RgbImage image, RandomGenerator random);

  /** This transform followed by another. */
  default ImageTransform then(ImageTransform next) {
    return (image, random) -> next.apply(apply(image, random), random);
  }
}
