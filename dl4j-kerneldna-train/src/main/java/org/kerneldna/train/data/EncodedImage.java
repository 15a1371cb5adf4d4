package org.kerneldna.train.data;

import java.io.IOException;

/** An image whose header has been read, but not yet its pixels. */
interface EncodedImage {

  /** Columns, as the header tells. */
  int width();

  /** Rows, as the header tells. */
  int height();

  /**
   * Decodes the pixels. To be called once.
   *
   * @throws IOException if they are broken, truncated, or of a kind that is not supported
   */
  RgbImage decode() throws IOException;
}
