package org.kerneldna.train.data;

import java.util.List;
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

  /** The image as a float array [1, 3, height, width]. */
  public INDArray apply(RgbImage image) {
    int area = image.width() * image.height();
    float[] values = new float[3 * area];
    for (int channel = 0; channel < 3; channel++) {
      float mean = this.mean.get(channel);
      float std = this.std.get(channel);
      for (int i = 0; i < area; i++) {
        values[channel * area + i] =
            ((image.samples()[3 * i + channel] & 0xff) / 255f - mean) / std;
      }
    }
    return Nd4j.create(values, 1, 3, image.height(), image.width());
  }
}
