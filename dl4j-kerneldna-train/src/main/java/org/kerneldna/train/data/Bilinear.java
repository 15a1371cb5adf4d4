package org.kerneldna.train.data;

/**
 * Antialiased bilinear resampling of an image, channel by channel: a triangle filter whose support
 * grows with the shrink factor, horizontally, then vertically, each pass rounded to 8 bits. This is
 * what PIL does, and with it torchvision on PIL images.
 */
final class Bilinear {

  private final RgbImage image;
  private final Taps columns;
  private final Taps lines;

  /**
   * The rows of a channel, resampled horizontally. As ints, each row an array, Java's compiler
   * computes several at once.
   */
  private final int[][] rows;

  /** The source row that is the first of {@link #rows}. */
  private final int firstRow;

  private Bilinear(RgbImage image, int width, int height, Box part) {
    this.image = image;
    columns = Taps.of(image.width(), width, part.left(), part.width());
    lines = Taps.of(image.height(), height, part.top(), part.height());
    firstRow = lines.first[0];
    rows = new int[lines.behindLast() - firstRow][part.width()];
  }

  /** The whole image at another size. */
  static RgbImage resize(RgbImage image, int width, int height) {
    return resize(image, width, height, new Box(0, 0, width, height));
  }

  /**
   * A part of the image at another size. The rest is not computed, however large it would be.
   *
   * @param width of the whole image at its new size
   * @param height of the whole image at its new size
   * @param part of the image at its new size; lies within it
   */
  static RgbImage resize(RgbImage image, int width, int height, Box part) {
    RgbImage result = new RgbImage(part.width(), part.height());
    Bilinear bilinear = new Bilinear(image, width, height, part);
    int[] row = new int[part.width()];
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      bilinear.read(channel);
      for (int y = 0; y < part.height(); y++) {
        bilinear.row(y, row);
        result.setRow(y, channel, row);
      }
    }
    return result;
  }

  /** Takes a channel, whose rows {@link #row} then gives. */
  private void read(int channel) {
    for (int y = 0; y < rows.length; y += 4) {
      readFourRows(channel, y);
    }
  }

  /** Four together take hardly longer than one; at the lower end the last row comes repeatedly. */
  private void readFourRows(int channel, int y) {
    int last = rows.length - 1;
    int y1 = Math.min(y + 1, last);
    int y2 = Math.min(y + 2, last);
    int y3 = Math.min(y + 3, last);
    int to1 = (y1 - y) * image.width();
    int to2 = (y2 - y) * image.width();
    int to3 = (y3 - y) * image.width();
    int row = channel * image.pixels() + (firstRow + y) * image.width();
    byte[] samples = image.samples();
    int[] weights = columns.weights;
    int[] result = rows[y];
    int[] result1 = rows[y1];
    int[] result2 = rows[y2];
    int[] result3 = rows[y3];
    int tap = 0;
    for (int x = 0; x < result.length; x++) {
      int at = row + columns.first[x];
      int sum = Taps.HALF;
      int sum1 = Taps.HALF;
      int sum2 = Taps.HALF;
      int sum3 = Taps.HALF;
      for (int end = columns.end[x]; tap < end; tap++) {
        int weight = weights[tap];
        sum += weight * (samples[at] & 0xff);
        sum1 += weight * (samples[at + to1] & 0xff);
        sum2 += weight * (samples[at + to2] & 0xff);
        sum3 += weight * (samples[at + to3] & 0xff);
        at++;
      }
      result[x] = sum >> Taps.BITS;
      result1[x] = sum1 >> Taps.BITS;
      result2[x] = sum2 >> Taps.BITS;
      result3[x] = sum3 >> Taps.BITS;
    }
  }

  /**
   * Gives a row of the result.
   *
   * @param to as long as the row, for samples 0 to 255
   */
  private void row(int y, int[] to) {
    int row = lines.first[y] - firstRow;
    int tap = y == 0 ? 0 : lines.end[y - 1];
    multiply(lines.weights[tap], rows[row], to);
    for (tap++; tap < lines.end[y]; tap++) {
      row++;
      multiplyAndAdd(lines.weights[tap], rows[row], to);
    }
    for (int x = 0; x < to.length; x++) {
      to[x] >>= Taps.BITS;
    }
  }

  private static void multiply(int weight, int[] row, int[] to) {
    for (int x = 0; x < to.length; x++) {
      to[x] = weight * row[x] + Taps.HALF;
    }
  }

  private static void multiplyAndAdd(int weight, int[] row, int[] to) {
    for (int x = 0; x < to.length; x++) {
      to[x] += weight * row[x];
    }
  }

  /**
   * The source samples that make each target sample, and their weights.
   *
   * @param first index of the first source sample, by target sample
   * @param end index behind the last weight, by target sample; the first follows the last one's
   * @param weights as fractions of 2<sup>22</sup>, as PIL has them
   */
  private record Taps(int[] first, int[] end, int[] weights) {

    static final int BITS = 22;
    static final int HALF = 1 << (BITS - 1);

    /**
     * @param from source samples
     * @param to target samples
     * @param start the first target sample that is wanted
     * @param count how many are
     */
    static Taps of(int from, int to, int start, int count) {
      double scale = (double) from / to;
      double support = Math.max(scale, 1);
      int[] first = new int[count];
      int[] end = new int[count];
      int[] weights = new int[Math.multiplyExact(count, 2 * (int) Math.ceil(support) + 1)];
      int tap = 0;
      for (int i = 0; i < count; i++) {
        double center = (start + i + 0.5) * scale;
        first[i] = Math.max((int) (center - support + 0.5), 0);
        int samples = Math.min((int) (center + support + 0.5), from) - first[i];
        end[i] = tap + samples;
        fill(weights, tap, end[i], first[i] + 0.5 - center, support);
        tap = end[i];
      }
      return new Taps(first, end, weights);
    }

    /** Index behind the last source sample that is needed. */
    int behindLast() {
      int last = first.length - 1;
      int taps = end[last] - (last == 0 ? 0 : end[last - 1]);
      return first[last] + taps;
    }

    /**
     * @param distance of the first source sample's centre from the target sample's
     */
    private static void fill(int[] weights, int start, int end, double distance, double support) {
      double sum = 0;
      for (int i = start; i < end; i++) {
        sum += triangle((i - start + distance) / support);
      }
      for (int i = start; i < end; i++) {
        double weight = triangle((i - start + distance) / support) / sum;
        weights[i] = (int) (weight * (1 << BITS) + 0.5);
      }
    }

    private static double triangle(double x) {
      return Math.max(1 - Math.abs(x), 0);
    }
  }
}
