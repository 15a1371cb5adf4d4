package org.kerneldna.train.data;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import lombok.experimental.UtilityClass;

/** The colours of JPEG files, as JFIF defines them, in the fixed-point numbers of libjpeg. */
@UtilityClass
class YCbCr {

  private final int BITS = 16;
  private final int HALF = 1 << (BITS - 1);

  private final int[] RED_OF_CR = table(cr -> fixed(1.402) * cr + HALF >> BITS);
  private final int[] GREEN_OF_CB = table(cb -> fixed(-0.344136286) * cb + HALF);
  private final int[] GREEN_OF_CR = table(cr -> fixed(-0.714136286) * cr);
  private final int[] BLUE_OF_CB = table(cb -> fixed(1.772) * cb + HALF >> BITS);

  private int fixed(double factor) {
    return (int) Math.round(factor * (1 << BITS));
  }

  /** What each sample of chroma, less its middle, adds. */
  private int[] table(IntUnaryOperator colour) {
    return IntStream.range(0, 256).map(sample -> colour.applyAsInt(sample - 128)).toArray();
  }

  /**
   * Writes pixels.
   *
   * @param y luma, 0 to 255
   * @param cb chroma of as many pixels
   * @param cr chroma of as many pixels
   * @param to unsigned bytes R, G, B of each pixel
   * @param at where to begin in them
   */
  void toRgb(int[] y, int[] cb, int[] cr, byte[] to, int at) {
    for (int i = 0; i < y.length; i++) {
      to[at] = clip(y[i] + RED_OF_CR[cr[i]]);
      to[at + 1] = clip(y[i] + (GREEN_OF_CB[cb[i]] + GREEN_OF_CR[cr[i]] >> BITS));
      to[at + 2] = clip(y[i] + BLUE_OF_CB[cb[i]]);
      at += 3;
    }
  }

  private byte clip(int sample) {
    return (byte) Math.min(Math.max(sample, 0), 255);
  }
}
