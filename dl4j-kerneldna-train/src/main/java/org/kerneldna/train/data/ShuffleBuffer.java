package org.kerneldna.train.data;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/** Gives the images of a stream in another order: always a random one of the next so many. */
final class ShuffleBuffer implements ImageStream {

  private final ImageStream images;
  private final int capacity;
  private final Random random;
  private final List<ImageFile> buffer = new ArrayList<>();

  ShuffleBuffer(ImageStream images, int capacity, Random random) {
    this.images = images;
    this.capacity = capacity;
    this.random = random;
  }

  @Override
  public boolean hasNext() {
    while (buffer.size() < capacity && images.hasNext()) {
      buffer.add(images.next());
    }
    return !buffer.isEmpty();
  }

  @Override
  public ImageFile next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all images have been read");
    }
    int last = buffer.size() - 1;
    ImageFile drawn = buffer.set(random.nextInt(buffer.size()), buffer.get(last));
    buffer.remove(last);
    return drawn;
  }

  @Override
  public void close() {
    images.close();
  }
}
