package org.kerneldna.train.data;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import lombok.Getter;
import lombok.experimental.Accessors;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.data.Batch.Steps;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.dataset.DataSet;

/**
 * One pass over images in batches, read ahead: features [batch, 3, size, size], labels one-hot
 * [batch, classes]. Batch number n holds the pass's images from n times the batch size on; it is
 * smaller where images are bad, and is left out if all are. The last one may be smaller, too. A
 * batch is valid until the next one is taken or the pass is closed.
 */
@Slf4j
@Accessors(fluent = true)
public final class ImageBatches implements Iterator<DataSet>, AutoCloseable {

  /** Batches that are full or being filled while another one is in use. */
  private static final int BATCHES_AHEAD = 2;

  /** How long to wait for a file that is being read when the pass is closed. */
  private static final int PATIENCE_SECONDS = 10;

  private final ImageStream images;
  private final ImagePipeline pipeline;
  private final Steps steps;

  private final ExecutorService feeder = Executors.newSingleThreadExecutor(daemons("image-reader"));
  private final ExecutorService decoders;
  private final Queue<BatchMemory> memory = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<BatchMemory> unused = new ArrayBlockingQueue<>(BATCHES_AHEAD + 1);

  /** Ends with null. */
  private final BlockingQueue<CompletableFuture<Batch>> ahead =
      new ArrayBlockingQueue<>(BATCHES_AHEAD + 2);

  private final List<BadImage> badImages = new ArrayList<>();
  private BatchMemory inUse;
  private Batch next;
  private boolean atEnd;
  private long waitedNanos;

  /** Number of batches if none is left out. */
  @Getter private final int count;

  /** Number of the batch that a later pass has to begin with to go on after the last one taken. */
  @Getter private int position;

  /**
   * @param pipeline tells sizes, number of workers and the limit of bad images
   * @param firstBatch number of the batch to begin with
   */
  ImageBatches(
      ImageSource source, ImageStream images, ImagePipeline pipeline, Steps steps, int firstBatch) {
    this.images = images;
    this.pipeline = pipeline;
    this.steps = steps;
    position = firstBatch;
    int batches = (source.size() + pipeline.batchSize() - 1) / pipeline.batchSize();
    count = Math.max(0, batches - firstBatch);
    decoders = Executors.newFixedThreadPool(pipeline.workers(), daemons("image-decoder"));
    feeder.execute(() -> feed(firstBatch, source));
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void feed(int firstBatch, ImageSource source) {
    try (images) {
      images.skip((long) firstBatch * pipeline.batchSize());
      int largest = Math.min(pipeline.batchSize(), source.size());
      for (int i = 0; i <= BATCHES_AHEAD; i++) {
        BatchMemory batch = new BatchMemory(largest, pipeline.imageSize(), source.classes().size());
        memory.add(batch);
        unused.add(batch);
      }
      for (int number = firstBatch; images.hasNext(); number++) {
        feed(new Batch(number, unused.take(), nextFiles(), steps));
      }
      ahead.put(CompletableFuture.completedFuture(null));
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      ahead.add(CompletableFuture.failedFuture(e));
    }
  }

  private List<ImageFile> nextFiles() {
    List<ImageFile> files = new ArrayList<>();
    while (files.size() < pipeline.batchSize() && images.hasNext()) {
      files.add(images.next());
    }
    return files;
  }

  private void feed(Batch batch) throws InterruptedException {
    ahead.put(batch.filled());
    long first = (long) batch.number() * pipeline.batchSize();
    for (int i = 0; i < batch.size(); i++) {
      int index = i;
      decoders.execute(() -> batch.fill(index, first + index));
    }
  }

  /**
   * Waits for the next batch.
   *
   * @throws InputException if more images are bad than the pipeline allows
   */
  @Override
  public boolean hasNext() {
    while (next == null && !atEnd) {
      accept(await());
    }
    return next != null;
  }

  private void accept(Batch batch) {
    if (batch == null) {
      atEnd = true;
      return;
    }
    badImages.addAll(batch.badImages());
    requireFewBad();
    if (batch.isEmpty()) {
      unused.add(batch.memory());
    } else {
      next = batch;
    }
  }

  private void requireFewBad() {
    if (badImages.size() > pipeline.maxBad()) {
      BadImage last = badImages.get(badImages.size() - 1);
      throw new InputException(
          "%s (%s) is one of more than %d images that cannot be read: repair or remove them, or allow more"
              .formatted(last.name(), last.reason(), pipeline.maxBad()));
    }
  }

  private Batch await() {
    long start = System.nanoTime();
    try {
      return ahead.take().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for images", e);
    } catch (ExecutionException e) {
      atEnd = true;
      throw rethrow(e.getCause());
    } finally {
      waitedNanos += System.nanoTime() - start;
    }
  }

  private static RuntimeException rethrow(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof InputException input
        ? input
        : new IllegalStateException("reading images failed", cause);
  }

  @Override
  public DataSet next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all images have been read");
    }
    if (inUse != null) {
      unused.add(inUse);
    }
    inUse = next.memory();
    position = next.number() + 1;
    DataSet batch = next.toDataSet();
    next = null;
    return batch;
  }

  /** The files that were left out as broken so far; complete once all batches are taken. */
  public List<BadImage> badImages() {
    return List.copyOf(badImages);
  }

  /** How long whoever takes the batches has waited for them so far. */
  public Duration waited() {
    return Duration.ofNanos(waitedNanos);
  }

  /** Stops reading, gives memory back, and names the files that were left out in the log. */
  @Override
  public void close() {
    feeder.shutdownNow();
    decoders.shutdownNow();
    if (haveEnded()) {
      memory.forEach(BatchMemory::close);
    }
    badImages.forEach(bad -> log.warn("left out {}: {}", bad.name(), bad.reason()));
  }

  /** Whether no thread writes into the memory any more; where one hangs, ND4J has to free it. */
  private boolean haveEnded() {
    try {
      return feeder.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)
          && decoders.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
