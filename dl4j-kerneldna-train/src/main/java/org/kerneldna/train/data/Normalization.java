package org.kerneldna.train.data;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * From bytes to network input: {@code (sample / 255 - mean) / std}, per channel.
 *
 * @param mean of R, G, B on the scale 0 to 1
 * @param std of R, G, B on the scale 0 to 1
 */
public record Normalization(List<Float> mean, List<Float> std) {

  /** Mean and standard deviation of ImageNet's training images. */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

  /**
   * @throws IllegalArgumentException if there are not three means and three positive standard
   *     deviations
   */
  public Normalization {
    if (!areThree(mean, Float::isFinite)) {
      throw new IllegalArgumentException(
          "mean " + mean + " cannot be used: give three numbers, of R, G and B");
    }
    if (!areThree(std, value -> value > 0 && Float.isFinite(1 / value))) {
      throw new IllegalArgumentException(
          "std " + std + " cannot be used: give three numbers above 0, of R, G and B");
    }
  }

  private static boolean areThree(List<Float> values, Predicate<Float> usable) {
    return values != null
        && values.size() == RgbImage.CHANNELS
        && values.stream().allMatch(value -> value != null && usable.test(value));
  }

  /** The image as a float array [1, 3, height, width]. */
  public INDArray apply(RgbImage image) {
    float[] values = new float[image.samples().length];
    write(image, FloatBuffer.wrap(values));
    return Nd4j.create(values, 1, 3, image.height(), image.width());
  }

  /** Writes [3, height, width] values from the buffer's start on. */
  void write(RgbImage image, FloatBuffer to) {
    float[] row = new float[image.width()];
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      float[] values = values(channel);
      int start = channel * image.pixels();
      for (int at = start; at < start + image.pixels(); at += row.length) {
        read(image.samples(), at, values, row);
        to.put(at, row);
      }
    }
  }

  private static void read(byte[] samples, int from, float[] values, float[] row) {
    for (int x = 0; x < row.length; x++) {
      row[x] = values[samples[from + x] & 0xff];
    }
  }

  /** What becomes of each of the 256 bytes. */
  private float[] values(int channel) {
    float[] values = new float[256];
    for (int sample = 0; sample < values.length; sample++) {
      values[sample] = (sample / 255f - mean.get(channel)) / std.get(channel);
    }
    return values;
  }
}
