package org.kerneldna.train.data;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Decodes a part of a JPEG file at another size. Luma and chroma are resized as they are stored,
 * and become RGB afterwards; what lies below the part is not decoded. This saves most of the time
 * that {@link ImageDecoder} needs for the whole image. Pixels differ from those of resizing its
 * image by about one level, more where colours meet.
 *
 * <p>An instance works for one thread at a time. There are as many as there have been threads.
 */
final class JpegPart {

  private static final Queue<JpegPart> IDLE = new ConcurrentLinkedQueue<>();

  private static final int FRACTION = 16;
  private static final int HALF = 1 << (FRACTION - 1);
  private static final int RED_OF_CR = fixed(1.402);
  private static final int GREEN_OF_CB = fixed(0.344136286);
  private static final int GREEN_OF_CR = fixed(0.714136286);
  private static final int BLUE_OF_CB = fixed(1.772);

  private final FfmpegJpeg decoder = new FfmpegJpeg();
  private final Bilinear bilinear = new Bilinear();
  private byte[] samples = {};

  /**
   * Decodes a part.
   *
   * @param box lies within the image
   * @param size pixels of the result's sides
   * @return nothing if the file is one that only {@link ImageDecoder} may be able to decode
   */
  static Optional<RgbImage> decode(byte[] file, JpegHeader header, Box box, int size) {
    if (!FfmpegJpeg.AVAILABLE) {
      return Optional.empty();
    }
    JpegPart idle = IDLE.poll();
    JpegPart part = idle == null ? new JpegPart() : idle;
    try {
      return part.decoder.decode(file, header, box.bottom())
          ? Optional.of(part.resize(box, size))
          : Optional.empty();
    } finally {
      IDLE.add(part);
    }
  }

  private RgbImage resize(Box box, int size) {
    RgbImage image = new RgbImage(size, size);
    for (int plane = 0; plane < decoder.planes(); plane++) {
      resize(plane, box, image.plane(plane));
    }
    if (decoder.planes() == 1) {
      copyGrey(image.samples());
    } else {
      convertToRgb(image.samples());
    }
    return image;
  }

  private void resize(int plane, Box box, Plane to) {
    int xShift = decoder.widthShift(plane);
    int yShift = decoder.heightShift(plane);
    int left = box.left() >> xShift;
    int top = box.top() >> yShift;
    int columns = ceil(box.right(), xShift) - left;
    int rows = ceil(box.bottom(), yShift) - top;
    double xScale = 1.0 / (1 << xShift);
    double yScale = 1.0 / (1 << yShift);
    bilinear.resample(
        new Plane(copy(plane, top, rows), left, 1, decoder.stride(plane), columns, rows),
        box.left() * xScale - left,
        box.top() * yScale - top,
        box.width() * xScale,
        box.height() * yScale,
        to);
  }

  private byte[] copy(int plane, int top, int rows) {
    int length = rows * decoder.stride(plane);
    if (samples.length < length) {
      samples = new byte[length];
    }
    decoder.copy(plane, top, rows, samples);
    return samples;
  }

  private static int ceil(int value, int shift) {
    return value + (1 << shift) - 1 >> shift;
  }

  private static void copyGrey(byte[] samples) {
    for (int i = 0; i < samples.length; i += 3) {
      samples[i + 1] = samples[i];
      samples[i + 2] = samples[i];
    }
  }

  /** JFIF's conversion of Y, Cb, Cr, in the fixed-point numbers of libjpeg. */
  private static void convertToRgb(byte[] samples) {
    for (int i = 0; i < samples.length; i += 3) {
      int y = samples[i] & 0xff;
      int cb = (samples[i + 1] & 0xff) - 128;
      int cr = (samples[i + 2] & 0xff) - 128;
      samples[i] = clip(y + (RED_OF_CR * cr + HALF >> FRACTION));
      samples[i + 1] = clip(y - (GREEN_OF_CB * cb + GREEN_OF_CR * cr + HALF - 1 >> FRACTION));
      samples[i + 2] = clip(y + (BLUE_OF_CB * cb + HALF >> FRACTION));
    }
  }

  private static byte clip(int sample) {
    return (byte) Math.min(Math.max(sample, 0), 255);
  }

  private static int fixed(double factor) {
    return (int) Math.round(factor * (1 << FRACTION));
  }
}
