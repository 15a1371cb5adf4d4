package org.kerneldna.train.data;

import java.util.Optional;
import java.util.Set;

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

  /** Markers without a length: of restarts, and one that means nothing. */
  private static final Set<Integer> STANDING_ALONE =
      Set.of(0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, START_OF_IMAGE);

  /** The header, or nothing if the file is no JPEG, or one whose header is broken. */
  static Optional<JpegHeader> of(byte[] file) {
    if (unsigned(file, 0) != MARKER || unsigned(file, 1) != START_OF_IMAGE) {
      return Optional.empty();
    }
    int frame = 0;
    for (int at = marker(file, 2); at < file.length; at = marker(file, behind(file, at))) {
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

  /**
   * Where the next marker is, or the file's end. Before a marker there may be fill bytes of 0xff
   * and, as decoders allow, anything else that is no marker.
   */
  private static int marker(byte[] file, int from) {
    int at = from;
    while (at < file.length && !isMarker(unsigned(file, at), unsigned(file, at + 1))) {
      at++;
    }
    return at;
  }

  private static boolean isMarker(int first, int second) {
    return first == MARKER && second != MARKER && second != 0;
  }

  /** Where a marker ends, with what belongs to it. */
  private static int behind(byte[] file, int marker) {
    boolean alone = STANDING_ALONE.contains(unsigned(file, marker + 1));
    return marker + 2 + (alone ? 0 : word(file, marker + 2));
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

  private static int word(byte[] file, int at) {
    return unsigned(file, at) << 8 | unsigned(file, at + 1);
  }

  /** 0 beyond the end. */
  private static int unsigned(byte[] file, int at) {
    return at < file.length ? file[at] & 0xff : 0;
  }

  /**
   * As PIL does, which other decoders do not: they fill what is missing with grey.
   *
   * @throws BadImageException if the file ends before the image does
   */
  void requireComplete(byte[] file) throws BadImageException {
    if (!isComplete(file)) {
      throw new BadImageException("the image is truncated");
    }
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
