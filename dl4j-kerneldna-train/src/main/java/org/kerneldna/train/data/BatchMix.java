package org.kerneldna.train.data;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.random.Well19937c;

/**
 * Mixes every image of a batch with the one before it, the first with the last, and their labels in
 * the same shares, which are drawn for the batch from Beta(alpha, alpha): torchvision's {@code
 * MixUp} and {@code CutMix}. With both, either is drawn for each batch.
 *
 * @param mixup alpha of MixUp, which adds weighted images; 0: none
 * @param cutmix alpha of CutMix, which pastes a rectangle; 0: none
 * @see <a href="https://arxiv.org/abs/1710.09412">mixup: Beyond Empirical Risk Minimization</a>
 * @see <a href="https://arxiv.org/abs/1905.04899">CutMix: Regularization Strategy to Train Strong
 *     Classifiers with Localizable Features</a>
 */
record BatchMix(double mixup, double cutmix) {

  static final BatchMix NONE = new BatchMix(0, 0);

  /** Changes the first images of a batch in place. */
  void apply(BatchMemory batch, int images, SplittableRandom random) {
    boolean pastes = cutmix > 0 && (mixup == 0 || random.nextBoolean());
    if (pastes) {
      paste(batch, images, share(cutmix, random), random);
    } else if (mixup > 0) {
      blend(batch, images, share(mixup, random));
    }
  }

  private static double share(double alpha, SplittableRandom random) {
    return new BetaDistribution(new Well19937c(random.nextLong()), alpha, alpha).sample();
  }

  private static void blend(BatchMemory batch, int images, double share) {
    mixEach(batch::image, images, (image, before) -> blend(image, before, share));
    mixEach(batch::label, images, (label, before) -> blend(label, before, share));
  }

  private static void paste(BatchMemory batch, int images, double share, SplittableRandom random) {
    int size = batch.imageSize();
    Box box = box(size, Math.sqrt(1 - share), random);
    double kept = 1 - (double) box.width() * box.height() / (size * size);
    mixEach(batch::image, images, (image, before) -> paste(image, before, box, size));
    mixEach(batch::label, images, (label, before) -> blend(label, before, kept));
  }

  /** Around a random pixel, as far as it lies within the image. */
  private static Box box(int size, double side, SplittableRandom random) {
    int x = random.nextInt(size);
    int y = random.nextInt(size);
    int half = (int) (0.5 * side * size);
    int left = Math.max(x - half, 0);
    int top = Math.max(y - half, 0);
    return new Box(left, top, Math.min(x + half, size) - left, Math.min(y + half, size) - top);
  }

  /** Where a batch holds the values of one of its images. */
  @FunctionalInterface
  private interface Slices {
    FloatBuffer get(int index);
  }

  /** Changes values by those of the image before. */
  @FunctionalInterface
  private interface Mix {
    void apply(FloatBuffer values, FloatBuffer before);
  }

  /** From the last image on, so that each is mixed with one that is not mixed yet. */
  private static void mixEach(Slices slices, int images, Mix mix) {
    FloatBuffer last = copy(slices.get(images - 1));
    for (int i = images - 1; i > 0; i--) {
      mix.apply(slices.get(i), slices.get(i - 1));
    }
    mix.apply(slices.get(0), last);
  }

  private static FloatBuffer copy(FloatBuffer values) {
    float[] copy = new float[values.capacity()];
    values.get(0, copy);
    return FloatBuffer.wrap(copy);
  }

  private static void blend(FloatBuffer values, FloatBuffer before, double share) {
    float own = (float) share;
    float other = (float) (1 - share);
    for (int i = 0; i < values.capacity(); i++) {
      values.put(i, own * values.get(i) + other * before.get(i));
    }
  }

  private static void paste(FloatBuffer image, FloatBuffer before, Box box, int size) {
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      for (int y = box.top(); y < box.bottom(); y++) {
        int at = (channel * size + y) * size + box.left();
        image.put(at, before, at, box.width());
      }
    }
  }
}
