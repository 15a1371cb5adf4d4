package org.kerneldna.train.data;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.nd4j.linalg.dataset.DataSet;

/** A batch of a pass, on its way from files to arrays. */
final class Batch {

  private final int number;
  private final BatchMemory memory;
  private final List<ImageFile> files;
  private final Steps steps;
  private final AtomicReferenceArray<BadImage> bad;
  private final AtomicInteger missing;
  private final CompletableFuture<Batch> filled = new CompletableFuture<>();

  private int good;

  /**
   * What is done to the images of a pass.
   *
   * @param each from file to input
   * @param together what is done to a whole batch
   * @param seed of the chance in both
   */
  record Steps(Preprocessing each, BatchMix together, long seed) {

    /**
     * A source of chance for each image, so that results do not depend on what thread decodes it.
     */
    SplittableRandom ofImage(long index) {
      return new SplittableRandom(seed + index);
    }

    SplittableRandom ofBatch(int number) {
      return new SplittableRandom(Long.reverse(seed) + number);
    }
  }

  /**
   * @param number of the batch in the pass
   * @param files at least one
   */
  Batch(int number, BatchMemory memory, List<ImageFile> files, Steps steps) {
    this.number = number;
    this.memory = memory;
    this.files = files;
    this.steps = steps;
    bad = new AtomicReferenceArray<>(files.size());
    missing = new AtomicInteger(files.size());
  }

  int number() {
    return number;
  }

  BatchMemory memory() {
    return memory;
  }

  /** Number of files. */
  int size() {
    return files.size();
  }

  /** Done when all files are, or when what is done to all of them fails. */
  CompletableFuture<Batch> filled() {
    return filled;
  }

  /**
   * Decodes one file into its place. To be called for each, by any thread; the last call finishes
   * the batch.
   *
   * @param index of the file in the batch
   * @param position of the file in the pass
   */
  void fill(int index, long position) {
    try {
      read(index, position);
      if (missing.decrementAndGet() == 0) {
        finish();
        filled.complete(this);
      }
    } catch (RuntimeException | Error e) {
      filled.completeExceptionally(e);
    }
  }

  private void read(int index, long position) {
    ImageFile file = files.get(index);
    try {
      OneImage.use(() -> write(file, index, position));
    } catch (IOException e) {
      bad.set(index, new BadImage(file.name(), e.getMessage()));
    }
  }

  private Batch write(ImageFile file, int index, long position) throws IOException {
    steps.each().write(file.read(), steps.ofImage(position), memory.image(index));
    FloatBuffer label = memory.label(index);
    label.put(0, new float[label.capacity()]);
    label.put(file.label(), 1);
    return this;
  }

  private void finish() {
    for (int i = 0; i < files.size(); i++) {
      if (bad.get(i) == null) {
        if (good < i) {
          memory.move(i, good);
        }
        good++;
      }
    }
    if (good > 0) {
      steps.together().apply(memory, good, steps.ofBatch(number));
    }
  }

  /** The files that could not be used, in order. */
  List<BadImage> badImages() {
    List<BadImage> images = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      if (bad.get(i) != null) {
        images.add(bad.get(i));
      }
    }
    return images;
  }

  /** Whether no image is good. */
  boolean isEmpty() {
    return good == 0;
  }

  /** The arrays of the good images, of which there must be one. */
  DataSet toDataSet() {
    return memory.batch(good);
  }
}
