package org.kerneldna.train.data;

import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All that happens between a decoded image and the network: geometry, then normalisation.
 *
 * @param transform gives images of one size
 */
public record Preprocessing(ImageTransform transform, Normalization normalization) {

  /**
   * Images up to this side are small: they are not cropped to a part, which would leave little to
   * see.
   */
  private static final int SMALL = 64;

  /**
   * With chance, for training: random resized crop and flip; for small images a random crop of the
   * image padded by a sixteenth, and flip.
   *
   * @param size pixels of the square input's side
   */
  public static Preprocessing forTraining(int size, Normalization normalization) {
    ImageTransform crop =
        size > SMALL
            ? new RandomResizedCrop(size)
            : new Resize(size).then(new CenterCrop(size)).then(new RandomCrop(size / 16));
    return new Preprocessing(crop.then(new RandomFlip()), normalization);
  }

  /**
   * Without chance, for evaluation: shorter side to 8/7 of the size (256 for 224), centre crop;
   * small images lose nothing but what makes them square.
   *
   * @param size pixels of the square input's side
   */
  public static Preprocessing forEvaluation(int size, Normalization normalization) {
    int resized = size > SMALL ? size * 256 / 224 : size;
    return new Preprocessing(new Resize(resized).then(new CenterCrop(size)), normalization);
  }

  /** The network's input for one image, [1, 3, size, size]. */
  public INDArray apply(RgbImage image, RandomGenerator random) {
    return normalization.apply(transform.apply(image, random));
  }

  /**
   * The network's input for a file's image, [1, 3, size, size].
   *
   * @param file the file's bytes
   * @throws BadImageException if the bytes are no image or a broken or truncated one
   */
  public INDArray apply(byte[] file, RandomGenerator random) throws BadImageException {
    return normalization.apply(transform.applyTo(file, random));
  }

  /**
   * Writes the network's input for a file's image, [3, size, size], from the buffer's start on.
   *
   * @param file the file's bytes
   * @throws BadImageException if the bytes are no image or a broken or truncated one
   */
  void write(byte[] file, RandomGenerator random, FloatBuffer to) throws BadImageException {
    normalization.write(transform.applyTo(file, random), to);
  }
}
