package org.kerneldna.train.data;

/**
 * Antialiased bilinear resampling: a triangle filter whose support grows with the shrink factor,
 * horizontally, then vertically, each pass rounded to 8 bits. This is what PIL does, and with it
 * torchvision on PIL images. One thread at a time; memory is used again from call to call.
 */
final class Bilinear {

  private int[] rows = {};

  /** The whole image at another size. */
  static RgbImage resize(RgbImage image, int width, int height) {
    RgbImage result = new RgbImage(width, height);
    Bilinear bilinear = new Bilinear();
    for (int channel = 0; channel < 3; channel++) {
      bilinear.resample(
          image.plane(channel), 0, 0, image.width(), image.height(), result.plane(channel));
    }
    return result;
  }

  /**
   * Fills a plane with a rectangle of another.
   *
   * @param left first column of the rectangle, which may lie between two samples
   * @param top first row of the rectangle
   * @param width columns of the rectangle
   * @param height rows of the rectangle
   */
  void resample(Plane from, double left, double top, double width, double height, Plane to) {
    Taps columns = Taps.of(left, width, from.width(), to.width());
    Taps lines = Taps.of(top, height, from.height(), to.height());
    if (rows.length < to.width() * from.height()) {
      rows = new int[to.width() * from.height()];
    }
    for (int y = 0; y < from.height(); y++) {
      resampleRow(from, y, columns);
    }
    int[] sums = new int[to.width()];
    for (int y = 0; y < to.height(); y++) {
      addRows(lines, y, sums);
      write(sums, to, y);
    }
  }

  private void resampleRow(Plane from, int y, Taps taps) {
    byte[] samples = from.samples();
    int step = from.step();
    int row = from.offset() + y * from.stride();
    int target = y * taps.length();
    for (int x = 0; x < taps.length(); x++) {
      int at = row + taps.first[x] * step;
      int sum = Taps.HALF;
      for (int tap = taps.start[x]; tap < taps.start[x + 1]; tap++) {
        sum += taps.weights[tap] * (samples[at] & 0xff);
        at += step;
      }
      rows[target + x] = sum >> Taps.BITS;
    }
  }

  private void addRows(Taps taps, int y, int[] sums) {
    java.util.Arrays.fill(sums, Taps.HALF);
    int row = taps.first[y] * sums.length;
    for (int tap = taps.start[y]; tap < taps.start[y + 1]; tap++) {
      addRow(taps.weights[tap], row, sums);
      row += sums.length;
    }
  }

  /** Simple enough for Java's compiler to do several at once. */
  private void addRow(int weight, int row, int[] sums) {
    int[] rows = this.rows;
    for (int x = 0; x < sums.length; x++) {
      sums[x] += weight * rows[row + x];
    }
  }

  private static void write(int[] sums, Plane to, int y) {
    int at = to.offset() + y * to.stride();
    for (int sum : sums) {
      to.samples()[at] = (byte) (sum >> Taps.BITS);
      at += to.step();
    }
  }

  /**
   * The source samples that make each target sample, and their weights.
   *
   * @param first index of the first source sample, by target sample
   * @param start index of the first weight, by target sample, and the number of weights
   * @param weights as fractions of 2<sup>22</sup>, as PIL has them
   */
  private record Taps(int[] first, int[] start, int[] weights) {

    static final int BITS = 22;
    static final int HALF = 1 << (BITS - 1);

    int length() {
      return first.length;
    }

    static Taps of(double origin, double extent, int from, int to) {
      double scale = extent / to;
      double support = Math.max(scale, 1);
      int[] first = new int[to];
      int[] start = new int[to + 1];
      int[] weights = new int[to * (2 * (int) Math.ceil(support) + 1)];
      for (int i = 0; i < to; i++) {
        double center = origin + (i + 0.5) * scale;
        first[i] = Math.max((int) (center - support + 0.5), 0);
        int end = Math.min((int) (center + support + 0.5), from);
        start[i + 1] = start[i] + end - first[i];
        fill(weights, start[i], start[i + 1], first[i] + 0.5 - center, support);
      }
      return new Taps(first, start, weights);
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
