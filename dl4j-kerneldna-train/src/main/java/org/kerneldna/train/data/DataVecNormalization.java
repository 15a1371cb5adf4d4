package org.kerneldna.train.data;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.merge;
import static org.bytedeco.opencv.global.opencv_core.split;

import java.util.Random;
import org.bytedeco.javacv.OpenCVFrameConverter;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.datavec.image.data.ImageWritable;
import org.datavec.image.transform.BaseImageTransform;

/**
 * {@link Normalization} for DataVec's readers, to be the last transform: the image becomes one of
 * floats. DataVec's images, and the arrays made of them, have channels B, G, R.
 */
public final class DataVecNormalization extends BaseImageTransform<Mat> {

  private final transient Normalization normalization;

  public DataVecNormalization(Normalization normalization) {
    super(null);
    this.normalization = normalization;
    converter = new OpenCVFrameConverter.ToMat();
  }

  @Override
  protected ImageWritable doTransform(ImageWritable image, Random random) {
    if (image == null) {
      return null;
    }
    Mat result = new Mat();
    try (MatVector channels = new MatVector()) {
      split(converter.convert(image.getFrame()), channels);
      for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
        normalize(channels.get(channel), RgbImage.CHANNELS - 1 - channel);
      }
      merge(channels, result);
    }
    return new ImageWritable(converter.convert(result));
  }

  private void normalize(Mat samples, int channel) {
    float mean = normalization.mean().get(channel);
    float std = normalization.std().get(channel);
    samples.convertTo(samples, CV_32F, 1 / (255.0 * std), -mean / std);
  }
}
