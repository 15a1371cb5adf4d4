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

  /**
   * The transformed image of a file. A transform that needs only a part of it need not decode all.
   *
   * @param file the file's bytes
   * @throws BadImageException if the bytes are no image, or a broken, truncated or too large one
   */
  default RgbImage applyTo(byte[] file, RandomGenerator random) throws BadImageException {
    return ImageDecoder.decode(file, image -> apply(image, random));
  }

  /** This transform followed by another. */
  default ImageTransform then(ImageTransform next) {
    return new Sequence(this, next);
  }

  /** Two transforms, one after the other. */
  record Sequence(ImageTransform first, ImageTransform second) implements ImageTransform {

    @Override
    public RgbImage apply(RgbImage image, RandomGenerator random) {
      return second.apply(first.apply(image, random), random);
    }

    @Override
    public RgbImage applyTo(byte[] file, RandomGenerator random) throws BadImageException {
      return second.apply(first.applyTo(file, random), random);
    }
  }
}
