package org.kerneldna.train.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A WebP file: lossy, lossless, with or without alpha, but not an animation.
 *
 * @see <a href="https://developers.google.com/speed/webp/docs/riff_container">the container</a>
 */
record WebpImage(byte[] file, int width, int height) implements EncodedImage {

  /** Bytes of a file before its first chunk's contents. */
  private static final int CONTENTS = 20;

  private static final int HEADER = 30;
  private static final int ANIMATED = 2;
  private static final int SIDE_BITS = 14;
  private static final int SIDE = (1 << SIDE_BITS) - 1;

  static WebpImage open(byte[] file) throws BadImageException {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (file.length < HEADER || file.length - 8 < Integer.toUnsignedLong(bytes.getInt(4))) {
      throw new BadImageException("the image is truncated");
    }
    return switch (file[15]) {
      case ' ' ->
          new WebpImage(
              file, bytes.getShort(CONTENTS + 6) & SIDE, bytes.getShort(CONTENTS + 8) & SIDE);
      case 'L' -> {
        int sides = bytes.getInt(CONTENTS + 1);
        yield new WebpImage(file, (sides & SIDE) + 1, (sides >> SIDE_BITS & SIDE) + 1);
      }
      case 'X' -> {
        if ((file[CONTENTS] & ANIMATED) != 0) {
          throw new BadImageException("animated WebP is not supported");
        }
        yield new WebpImage(
            file,
            (bytes.getInt(CONTENTS + 4) & 0xffffff) + 1,
            (bytes.getInt(CONTENTS + 6) >>> 8) + 1);
      }
      default -> throw new BadImageException("broken image: its WebP header is damaged");
    };
  }

  @Override
  public RgbImage decode() throws BadImageException {
    if (!OpenCvDecoder.AVAILABLE) {
      throw new BadImageException("WebP is decoded by OpenCV, which this platform lacks");
    }
    return OpenCvDecoder.decode(file);
  }
}
