package org.kerneldna.train.data;

import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;

/** Images that can be read in any order. */
interface IndexedImages extends ImageSource {

  /** An image, by its place in the order. */
  ImageFile get(int index);

  @Override
  default ImageStream inOrder() {
    return new Pass(this, IntStream.range(0, size()).toArray());
  }

  @Override
  default ImageStream shuffled(long seed) {
    int[] order = IntStream.range(0, size()).toArray();
    Random random = new Random(seed);
    for (int i = order.length; i > 1; i--) {
      int other = random.nextInt(i);
      int last = order[i - 1];
      order[i - 1] = order[other];
      order[other] = last;
    }
    return new Pass(this, order);
  }

  /** All images in a given order. */
  final class Pass implements ImageStream {

    private final IndexedImages images;
    private final int[] order;
    private int next;

    Pass(IndexedImages images, int[] order) {
      this.images = images;
      this.order = order;
    }

    @Override
    public boolean hasNext() {
      return next < order.length;
    }

    @Override
    public ImageFile next() {
      if (!hasNext()) {
        throw new NoSuchElementException("all images have been read");
      }
      return images.get(order[next++]);
    }

    @Override
    public void skip(long images) {
      next = (int) Math.min(next + images, order.length);
    }
  }
}
