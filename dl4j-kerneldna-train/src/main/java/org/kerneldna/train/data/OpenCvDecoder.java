package org.kerneldna.train.data;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import lombok.experimental.UtilityClass;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** JPEG and WebP by OpenCV, whose libraries give the pixels that PIL's give. */
@UtilityClass
class OpenCvDecoder {

  /** Whether there is OpenCV for this platform. */
  final boolean AVAILABLE = Natives.load(opencv_imgcodecs.class);

  RgbImage decode(byte[] file) throws BadImageException {
    try (BytePointer bytes = new BytePointer(file);
        Mat encoded = new Mat(1, file.length, CV_8UC1, bytes);
        Mat bgr = imdecode(encoded, IMREAD_COLOR | IMREAD_IGNORE_ORIENTATION)) {
      if (bgr.empty()) {
        throw new BadImageException("broken image: OpenCV cannot decode it");
      }
      return Mats.toRgb(bgr);
    } catch (RuntimeException e) {
      // Its message has several lines, about OpenCV's sources.
      throw new BadImageException("broken image: OpenCV cannot decode it", e);
    }
  }
}
