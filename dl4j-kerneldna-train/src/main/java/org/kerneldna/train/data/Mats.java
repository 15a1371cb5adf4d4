package org.kerneldna.train.data;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.merge;
import static org.bytedeco.opencv.global.opencv_core.split;

import lombok.experimental.UtilityClass;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;

/** Images of OpenCV, which has blue, green, red of each pixel side by side. */
@UtilityClass
class Mats {

  /**
   * @param bgr of three channels of 8 bits
   */
  RgbImage toRgb(Mat bgr) {
    try (MatVector channels = new MatVector()) {
      return toRgb(bgr, channels);
    }
  }

  /**
   * The same with memory that the caller keeps for the next image.
   *
   * @param channels of an image of the same size, or none; overwritten
   */
  RgbImage toRgb(Mat bgr, MatVector channels) {
    split(bgr, channels);
    RgbImage image = new RgbImage(bgr.cols(), bgr.rows());
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      Mat plane = channels.get(RgbImage.CHANNELS - 1 - channel);
      plane.data().get(image.samples(), channel * image.pixels(), image.pixels());
    }
    return image;
  }

  Mat toBgr(RgbImage image) {
    Mat bgr = new Mat();
    try (Mat blue = plane(image, 2);
        Mat green = plane(image, 1);
        Mat red = plane(image, 0);
        MatVector channels = new MatVector(blue, green, red)) {
      merge(channels, bgr);
    }
    return bgr;
  }

  private Mat plane(RgbImage image, int channel) {
    Mat plane = new Mat(image.height(), image.width(), CV_8UC1);
    plane.data().put(image.samples(), channel * image.pixels(), image.pixels());
    return plane;
  }
}
