package org.kerneldna.train.data;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.opencv.global.opencv_imgproc;

/**
 * Decodes a part of a JPEG file at another size. Luma and chroma are resized as they are stored,
 * and become RGB afterwards; what lies below the part is not decoded. This saves most of the time
 * that {@link ImageDecoder} needs for the whole image. Pixels differ from those of resizing its
 * image by half a level in the mean, more where colours meet.
 *
 * <p>An instance works for one thread at a time. There are as many as there have been threads.
 */
final class JpegPart {

  /** Whether there are FFmpeg and OpenCV for this platform. */
  private static final boolean AVAILABLE =
      Natives.load(avcodec.class)
          && Natives.load(swscale.class)
          && Natives.load(opencv_imgproc.class);

  /** An instance keeps the memory of its last image, which must not be large. */
  private static final int MAX_PIXELS = 1 << 24;

  private static final Queue<JpegPart> IDLE = new ConcurrentLinkedQueue<>();

  private final FfmpegJpeg decoder = new FfmpegJpeg(MAX_PIXELS);
  private final FfmpegScaler scaler = new FfmpegScaler();
  private YCbCr resized = new YCbCr(1);

  /** Whether parts of a file can be decoded, but for what shows when they are. */
  static boolean canBeDecoded(JpegHeader header) {
    return AVAILABLE && (long) header.width() * header.height() <= MAX_PIXELS;
  }

  /**
   * Decodes a part of a file of which {@link #canBeDecoded} is true.
   *
   * @param box lies within the image
   * @param size pixels of the result's sides
   * @return nothing if the file is one that only {@link ImageDecoder} may be able to decode
   */
  static Optional<RgbImage> decode(byte[] file, JpegHeader header, Box box, int size) {
    JpegPart idle = IDLE.poll();
    JpegPart part = idle == null ? new JpegPart() : idle;
    try {
      return part.read(file, header, box, size);
    } finally {
      IDLE.add(part);
    }
  }

  private Optional<RgbImage> read(byte[] file, JpegHeader header, Box box, int size) {
    if (resized.size() != size) {
      resized = new YCbCr(size);
    }
    return decoder.decode(file, header, box.bottom()) && scaler.scale(decoder, box, resized)
        ? Optional.of(resized.toRgb())
        : Optional.empty();
  }
}
