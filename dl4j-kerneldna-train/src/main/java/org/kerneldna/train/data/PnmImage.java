package org.kerneldna.train.data;

/**
 * An image of the Netpbm formats P1 to P6: black and white, grey or colour, as text or as bytes.
 * Samples become 8 bits, rounded, as PIL does it for colours.
 *
 * @see <a href="https://netpbm.sourceforge.net/doc/pnm.html">the formats</a>
 */
final class PnmImage implements EncodedImage {

  private static final int MAX = 255;
  private static final int LARGEST_MAX = 65_535;
  private static final int DIGITS = 9;

  private final byte[] file;
  private final boolean text;
  private final boolean bitmap;
  private final int channels;
  private final int width;
  private final int height;
  private final int max;

  /** The next byte to read. */
  private int at = 2;

  private PnmImage(byte[] file) throws BadImageException {
    this.file = file;
    int kind = file[1] - '0';
    text = kind <= 3;
    bitmap = kind % 3 == 1;
    channels = kind % 3 == 0 ? RgbImage.CHANNELS : 1;
    width = number();
    height = number();
    max = bitmap ? 1 : number();
    if (max < 1 || max > LARGEST_MAX) {
      throw new BadImageException(
          "broken image: its largest sample would be %d, which is not from 1 to %d"
              .formatted(max, LARGEST_MAX));
    }
  }

  static PnmImage open(byte[] file) throws BadImageException {
    return new PnmImage(file);
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public RgbImage decode() throws BadImageException {
    if (!text) {
      at++;
      requireBytes((long) height * rowBytes());
    }
    RgbImage image = new RgbImage(width, height);
    for (int y = 0; y < height; y++) {
      int row = at + y * rowBytes();
      for (int i = 0; i < width * channels; i++) {
        int sample = Math.min(text ? textSample() : byteSample(row, i), max);
        set(image, y, i, (int) Math.rint((double) sample * MAX / max));
      }
    }
    return image;
  }

  private void requireBytes(long count) throws BadImageException {
    if (file.length - at < count) {
      throw new BadImageException("the image is truncated");
    }
  }

  /** Of the formats of bytes. */
  private int rowBytes() {
    return bitmap ? (width + 7) / 8 : width * channels * (max > MAX ? 2 : 1);
  }

  private void set(RgbImage image, int y, int i, int sample) {
    if (channels > 1) {
      image.set(i / channels, y, i % channels, sample);
    } else {
      image.setRgb(i, y, sample * 0x010101);
    }
  }

  /** A bit that is set is black. */
  private int byteSample(int row, int i) {
    if (bitmap) {
      return 1 - (file[row + i / 8] >> (7 - i % 8) & 1);
    }
    return max > MAX
        ? (file[row + 2 * i] & 0xff) << 8 | file[row + 2 * i + 1] & 0xff
        : file[row + i] & 0xff;
  }

  private int textSample() throws BadImageException {
    if (bitmap) {
      skipSpace();
      return 1 - digit(file[at++]);
    }
    int sample = number();
    if (sample > max) {
      throw new BadImageException(
          "broken image: a sample is %d, more than its largest of %d".formatted(sample, max));
    }
    return sample;
  }

  private int number() throws BadImageException {
    skipSpace();
    int start = at;
    int number = 0;
    while (at < file.length && !isSpace(file[at]) && file[at] != '#') {
      number = 10 * number + digit(file[at]);
      at++;
      if (at - start > DIGITS) {
        throw new BadImageException("broken image: a number has more than " + DIGITS + " digits");
      }
    }
    return number;
  }

  private static int digit(byte character) throws BadImageException {
    if (character < '0' || character > '9') {
      throw new BadImageException("broken image: text where a number should be");
    }
    return character - '0';
  }

  /** Goes to what is neither white space nor comment. */
  private void skipSpace() throws BadImageException {
    boolean comment = false;
    while (at < file.length && (comment || isSpace(file[at]) || file[at] == '#')) {
      comment = comment ? file[at] != '\n' && file[at] != '\r' : file[at] == '#';
      at++;
    }
    requireBytes(1);
  }

  private static boolean isSpace(byte character) {
    return character == ' ' || '\t' <= character && character <= '\r';
  }
}
