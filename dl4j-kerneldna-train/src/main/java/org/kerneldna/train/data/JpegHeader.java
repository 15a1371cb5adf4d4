package org.kerneldna.train.data;

import java.util.Optional;

/**
 * What a JPEG file tells before its pixels.
 *
 * @param width pixels a row
 * @param height rows
 * @param components 1 grey, 3 colour, 4 CMYK
 * @param sequential whether one scan holds all rows from the top to the bottom
 * @param heightAt where in the file the height is told, in two bytes
 * @param scanAt where the first scan starts
 */
record JpegHeader(
    int width, int height, int components, boolean sequential, int heightAt, int scanAt) {

  private static final int MARKER = 0xff;
  private static final int START_OF_IMAGE = 0xd8;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;
  private static final int START_OF_FRAME = 0xc0;
  private static final int EXTENDED_SEQUENTIAL = 0xc1;

  /** The header, or nothing if the file is no JPEG, or one whose header is broken. */
  static Optional<JpegHeader> of(byte[] file) {
    if (unsigned(file, 0) != MARKER || unsigned(file, 1) != START_OF_IMAGE) {
      return Optional.empty();
    }
    int frame = 0;
    for (int at = 2; unsigned(file, at) == MARKER; at += 2 + length(file, at)) {
      int marker = unsigned(file, at + 1);
      if (marker == START_OF_SCAN) {
        return frame == 0 ? Optional.empty() : read(file, frame, at);
      }
      if (isFrame(marker)) {
        frame = at;
      }
    }
    return Optional.empty();
  }

  private static Optional<JpegHeader> read(byte[] file, int frame, int scan) {
    int components = unsigned(file, frame + 9);
    boolean sequential =
        unsigned(file, frame + 1) <= EXTENDED_SEQUENTIAL && unsigned(file, scan + 4) == components;
    int heightAt = frame + 5;
    JpegHeader header =
        new JpegHeader(
            word(file, frame + 7), word(file, heightAt), components, sequential, heightAt, scan);
    return Optional.of(header).filter(h -> h.width() > 0 && h.height() > 0);
  }

  /** c0 to cf, but for Huffman tables (c4), extensions (c8) and arithmetic conditioning (cc). */
  private static boolean isFrame(int marker) {
    return marker == START_OF_FRAME || (marker & 0xf0) == START_OF_FRAME && marker % 4 != 0;
  }

  private static int length(byte[] file, int marker) {
    return word(file, marker + 2);
  }

  private static int word(byte[] file, int at) {
    return unsigned(file, at) << 8 | unsigned(file, at + 1);
  }

  /** 0 beyond the end. */
  private static int unsigned(byte[] file, int at) {
    return at < file.length ? file[at] & 0xff : 0;
  }

  /** Whether the file goes on to the mark of its end. Pixels never look like that mark. */
  boolean isComplete(byte[] file) {
    for (int at = file.length - 2; at > scanAt; at--) {
      if (unsigned(file, at) == MARKER && unsigned(file, at + 1) == END_OF_IMAGE) {
        return true;
      }
    }
    return false;
  }
}
