package org.kerneldna.train.data;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import lombok.experimental.UtilityClass;
import org.bytedeco.opencv.opencv_core.Mat;

/** Images of OpenCV, which has blue, green, red. */
@UtilityClass
class Mats {

  /**
   * @param bgr of three channels of 8 bits
   */
  RgbImage toRgb(Mat bgr) {
    RgbImage image = new RgbImage(bgr.cols(), bgr.rows());
    if (bgr.isContinuous()) {
      bgr.data().get(image.samples());
    } else {
      try (Mat continuous = bgr.clone()) {
        continuous.data().get(image.samples());
      }
    }
    swapRedAndBlue(image.samples());
    return image;
  }

  Mat toBgr(RgbImage image) {
    byte[] samples = image.samples().clone();
    swapRedAndBlue(samples);
    Mat bgr = new Mat(image.height(), image.width(), CV_8UC3);
    bgr.data().put(samples);
    return bgr;
  }

  private void swapRedAndBlue(byte[] samples) {
    for (int i = 0; i < samples.length; i += 3) {
      byte blue = samples[i];
      samples[i] = samples[i + 2];
      samples[i + 2] = blue;
    }
  }
}
