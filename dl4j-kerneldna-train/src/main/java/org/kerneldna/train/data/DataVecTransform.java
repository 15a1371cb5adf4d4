package org.kerneldna.train.data;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_GRAY2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacv.OpenCVFrameConverter;
import org.bytedeco.opencv.opencv_core.Mat;
import org.datavec.image.data.ImageWritable;
import org.datavec.image.transform.BaseImageTransform;

/**
 * An {@link ImageTransform} such as {@link RandomResizedCrop}, {@link RandomFlip}, {@link Resize},
 * {@link CenterCrop} or {@link ColorJitter} for DataVec's {@code ImageRecordReader} and {@code
 * PipelineImageTransform}. Images have 8 bits and one or three channels; the result has three, B,
 * G, R, as DataVec's images do.
 */
public final class DataVecTransform extends BaseImageTransform<Mat> {

  private final transient ImageTransform transform;

  /**
   * @param seed of the chance where DataVec gives none
   */
  public DataVecTransform(ImageTransform transform, long seed) {
    super(new Random(seed));
    this.transform = transform;
    converter = new OpenCVFrameConverter.ToMat();
  }

  /**
   * @throws IllegalArgumentException if the image has another number of channels or bits
   */
  @Override
  protected ImageWritable doTransform(ImageWritable image, Random given) {
    if (image == null) {
      return null;
    }
    RgbImage rgb = Mats.toRgb(withThreeChannels(converter.convert(image.getFrame())));
    RgbImage result = transform.apply(rgb, Objects.requireNonNullElse(given, random));
    return new ImageWritable(converter.convert(Mats.toBgr(result)));
  }

  private static Mat withThreeChannels(Mat image) {
    if (image.type() == CV_8UC1) {
      Mat bgr = new Mat();
      cvtColor(image, bgr, COLOR_GRAY2BGR);
      return bgr;
    }
    if (image.type() != CV_8UC3) {
      throw new IllegalArgumentException(
          "an image of %d channels and OpenCV's type %d cannot be transformed: give one or three channels of 8 bits"
              .formatted(image.channels(), image.type()));
    }
    return image;
  }
}
