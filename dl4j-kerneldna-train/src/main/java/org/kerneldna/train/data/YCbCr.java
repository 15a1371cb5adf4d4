package org.kerneldna.train.data;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.merge;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_YCrCb2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;

/** A square image in the colours of JPEG files, which OpenCV makes RGB. For one thread. */
final class YCbCr {

  /** Luma and two of chroma. */
  static final int PLANES = 3;

  /** Whoever writes rows may write so many bytes at once, beyond their end. */
  private static final int ALIGNMENT = 64;

  private final int size;
  private final Mat[] planes = new Mat[PLANES];
  private final MatVector planesOfOpenCv;
  private final Mat pixels = new Mat();
  private final Mat bgr = new Mat();
  private final MatVector channels = new MatVector();

  /**
   * @param size pixels of a side
   */
  YCbCr(int size) {
    this.size = size;
    int stride = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    for (int plane = 0; plane < PLANES; plane++) {
      planes[plane] = new Mat(size, stride, CV_8UC1).colRange(0, size);
    }
    planesOfOpenCv = new MatVector(planes[0], planes[2], planes[1]);
  }

  int size() {
    return size;
  }

  /** The first sample of Y, Cb or Cr. */
  BytePointer plane(int plane) {
    return planes[plane].data();
  }

  /** Bytes from a row to the next. */
  int stride() {
    return (int) planes[0].step();
  }

  RgbImage toRgb() {
    merge(planesOfOpenCv, pixels);
    cvtColor(pixels, bgr, COLOR_YCrCb2BGR);
    return Mats.toRgb(bgr, channels);
  }
}
