package org.kerneldna.graph.read;

/**
 * An array in DL4J's graph, and the value in the program that holds its numbers.
 *
 * @param channelsLast whether DL4J's array is [N, H, W, C], where the value is [N, C, H, W]; else
 *     their dimensions are the same
 */
public record Array(String value, boolean channelsLast) {

  /** The value's dimension for one of DL4J's array. */
  public int axis(int ofDl4j) {
    return channelsLast ? new int[] {0, 2, 3, 1}[Math.floorMod(ofDl4j, 4)] : ofDl4j;
  }
}
