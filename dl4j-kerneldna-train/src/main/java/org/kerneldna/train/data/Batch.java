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
  private final AtomicReferenceArray<BadImage> bad;
  private final AtomicInteger missing;
  private final CompletableFuture<Batch> filled = new CompletableFuture<>();

  /**
   * @param number of the batch in the pass
   * @param files at least one
   */
  Batch(int number, BatchMemory memory, List<ImageFile> files) {
    this.number = number;
    this.memory = memory;
    this.files = files;
    bad = new AtomicReferenceArray<>(files.size());
    missing = new AtomicInteger(files.size());
  }

  int number() {
    return number;
  }

  BatchMemory memory() {
    return memory;
  }

  int files() {
    return files.size();
  }

  /** Done when all files are, or when one fails otherwise than by being a bad image. */
  CompletableFuture<Batch> filled() {
    return filled;
  }

  /**
   * Decodes one file into its place. To be called for each, by any thread.
   *
   * @param random the image's own source of chance
   */
  void fill(int index, Preprocessing preprocessing, SplittableRandom random) {
    try {
      read(index, preprocessing, random);
      if (missing.decrementAndGet() == 0) {
        filled.complete(this);
      }
    } catch (RuntimeException | Error e) {
      filled.completeExceptionally(e);
    }
  }

  private void read(int index, Preprocessing preprocessing, SplittableRandom random) {
    ImageFile file = files.get(index);
    try {
      preprocessing.write(file.read(), random, memory.image(index));
      FloatBuffer label = memory.label(index);
      label.put(new float[label.capacity()]);
      label.put(file.label(), 1);
    } catch (IOException e) {
      bad.set(index, new BadImage(file.name(), e.getMessage()));
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

  /** The arrays, without the bad images; to be called once, when at least one image is good. */
  DataSet toDataSet() {
    int good = 0;
    for (int i = 0; i < files.size(); i++) {
      if (bad.get(i) == null) {
        if (good < i) {
          memory.move(i, good);
        }
        good++;
      }
    }
    return memory.batch(good);
  }
}
