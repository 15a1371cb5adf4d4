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

  private static final int CHANNELS = 3;

  private final FfmpegJpeg decoder = new FfmpegJpeg();
  private final Bilinear[] planes = {new Bilinear(), new Bilinear(), new Bilinear()};
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
    for (int plane = 0; plane < decoder.planes(); plane++) {
      read(plane, box, size);
    }
    RgbImage image = new RgbImage(size, size);
    int[][] row = new int[CHANNELS][size];
    for (int y = 0; y < size; y++) {
      writeRow(y, row, image);
    }
    return image;
  }

  private void writeRow(int y, int[][] row, RgbImage image) {
    for (int plane = 0; plane < decoder.planes(); plane++) {
      planes[plane].row(y, row[plane]);
    }
    if (decoder.planes() == CHANNELS) {
      YCbCr.toRgb(row[0], row[1], row[2], image.samples(), CHANNELS * y * image.width());
    } else {
      for (int channel = 0; channel < CHANNELS; channel++) {
        image.setRow(y, channel, row[0]);
      }
    }
  }

  private void read(int plane, Box box, int size) {
    int xShift = decoder.widthShift(plane);
    int yShift = decoder.heightShift(plane);
    int left = box.left() >> xShift;
    int top = box.top() >> yShift;
    int columns = ceil(box.right(), xShift) - left;
    int rows = ceil(box.bottom(), yShift) - top;
    double xScale = 1.0 / (1 << xShift);
    double yScale = 1.0 / (1 << yShift);
    planes[plane].read(
        new Plane(copy(plane, top, rows), left, 1, decoder.stride(plane), columns, rows),
        box.left() * xScale - left,
        box.top() * yScale - top,
        box.width() * xScale,
        box.height() * yScale,
        size,
        size);
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
}
