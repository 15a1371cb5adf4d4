package org.kerneldna.train.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A WebP file, lossy or lossless; of an animation the first frame, around which there is black.
 *
 * @param file a still image
 * @param frame where it lies within the image
 * @see <a href="https://developers.google.com/speed/webp/docs/riff_container">the container</a>
 */
record WebpImage(byte[] file, Box frame, int width, int height) implements EncodedImage {

  /** Bytes of a file before its first chunk. */
  private static final int CHUNKS = 12;

  /** Bytes of a chunk before its contents: four letters and a length. */
  private static final int CHUNK = 8;

  /** Bytes of a file that hold its size, whichever kind it is of. */
  private static final int HEADER = 30;

  /** Bytes of a frame's contents before its chunks. */
  private static final int FRAME = 16;

  private static final int LOSSY = letters("VP8 ");
  private static final int LOSSLESS = letters("VP8L");
  private static final int EXTENDED = letters("VP8X");
  private static final int ANIMATION_FRAME = letters("ANMF");
  private static final int ANIMATED = 2;
  private static final int SIDE_BITS = 14;

  private static int letters(String name) {
    return ByteBuffer.wrap(name.getBytes()).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  static WebpImage open(byte[] file) throws BadImageException {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (file.length < HEADER || file.length - CHUNK < Integer.toUnsignedLong(bytes.getInt(4))) {
      throw new BadImageException("the image is truncated");
    }
    int kind = bytes.getInt(CHUNKS);
    int contents = CHUNKS + CHUNK;
    if (kind == LOSSY) {
      return still(file, low(bytes.getShort(contents + 6)), low(bytes.getShort(contents + 8)));
    }
    if (kind == LOSSLESS) {
      int sides = bytes.getInt(contents + 1);
      return still(file, low(sides) + 1, low(sides >> SIDE_BITS) + 1);
    }
    if (kind != EXTENDED) {
      throw new BadImageException("broken image: its WebP header is damaged");
    }
    int width = threeBytes(bytes, contents + 4) + 1;
    int height = threeBytes(bytes, contents + 7) + 1;
    boolean animated = (bytes.get(contents) & ANIMATED) != 0;
    return animated ? animation(bytes, width, height) : still(file, width, height);
  }

  private static WebpImage still(byte[] file, int width, int height) {
    return new WebpImage(file, new Box(0, 0, width, height), width, height);
  }

  private static WebpImage animation(ByteBuffer bytes, int width, int height)
      throws BadImageException {
    int contents = find(bytes, CHUNKS, List.of(ANIMATION_FRAME)) + CHUNK;
    Box frame =
        new Box(
            2 * threeBytes(bytes, contents),
            2 * threeBytes(bytes, contents + 3),
            threeBytes(bytes, contents + 6) + 1,
            threeBytes(bytes, contents + 9) + 1);
    int start = find(bytes, contents + FRAME, List.of(LOSSY, LOSSLESS));
    int length = CHUNK + bytes.getInt(start + 4);
    byte[] file = Arrays.copyOf(bytes.array(), CHUNKS + length);
    System.arraycopy(bytes.array(), start, file, CHUNKS, length);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(4, file.length - CHUNK);
    return new WebpImage(file, frame, width, height);
  }

  /** Where the first chunk of a name begins. All of it is there. */
  private static int find(ByteBuffer bytes, int from, List<Integer> names)
      throws BadImageException {
    long at = from;
    while (at + CHUNK <= bytes.limit()) {
      long length = Integer.toUnsignedLong(bytes.getInt((int) at + 4));
      long end = at + CHUNK + length;
      if (end <= bytes.limit() && names.contains(bytes.getInt((int) at))) {
        return (int) at;
      }
      at = end + length % 2;
    }
    throw new BadImageException("the image is truncated");
  }

  private static int low(int bits) {
    return bits & (1 << SIDE_BITS) - 1;
  }

  private static int threeBytes(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xffff | (bytes.get(at + 2) & 0xff) << 16;
  }

  @Override
  public RgbImage decode() throws BadImageException {
    if (!OpenCvDecoder.AVAILABLE) {
      throw new BadImageException("WebP is decoded by OpenCV, which this platform lacks");
    }
    RgbImage image = OpenCvDecoder.decode(file);
    return frame.width() == width && frame.height() == height
        ? image
        : image.crop(-frame.left(), -frame.top(), width, height);
  }
}
