package org.kerneldna.train;

/**
 * How far an epoch has come, and the figures of its training images so far.
 *
 * @param step steps done of this epoch
 * @param batches of the epoch's images that those steps have used up, unreadable ones included
 * @param images that were learnt from
 * @param lossSum sum of their cross-entropies
 * @param hits how many of them were classified right
 */
public record EpochProgress(int step, int batches, long images, double lossSum, long hits) {

  /**
   * @throws IllegalArgumentException for counts that no epoch comes to
   */
  public EpochProgress {
    if (step < 0 || batches < 0 || hits < 0 || images < hits) {
      throw new IllegalArgumentException(
          "%d steps of %d batches, %d of %d images right".formatted(step, batches, hits, images));
    }
  }

  /** An epoch that has not begun. */
  public static final EpochProgress NONE = new EpochProgress(0, 0, 0, 0, 0);

  /** Mean cross-entropy, natural logarithm. */
  public double loss() {
    return lossSum / images;
  }

  /** Percent. */
  public double top1() {
    return 100.0 * hits / images;
  }

  EpochProgress plusImages(long count, double loss, long right) {
    return new EpochProgress(step, batches, images + count, lossSum + loss, hits + right);
  }

  EpochProgress plusStep(int batches) {
    return new EpochProgress(step + 1, batches, images, lossSum, hits);
  }
}
