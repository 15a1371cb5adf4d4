package org.kerneldna.train.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import lombok.Getter;
import lombok.experimental.Accessors;
import lombok.extern.slf4j.Slf4j;
import org.datavec.api.split.CollectionInputSplit;
import org.kerneldna.train.data.ImageFolderRecordReader.BadImage;
import org.nd4j.linalg.dataset.AsyncDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;

/**
 * One pass over images in batches, read ahead: features [batch, 3, size, size], labels one-hot
 * [batch, classes]. The last batch may be smaller. A batch is valid until the next one is taken.
 */
@Slf4j
@Accessors(fluent = true)
public final class ImageBatches implements Iterator<DataSet>, AutoCloseable {

  private static final int BATCHES_AHEAD = 2;

  private final ImageFolderRecordReader reader;
  private final RecordBatches batches;
  private final AsyncDataSetIterator ahead;

  /** Number of batches if no image is broken. */
  @Getter private final int count;

  ImageBatches(List<Path> images, ImageFolderRecordReader reader, int batchSize) {
    this.reader = reader;
    count = (images.size() + batchSize - 1) / batchSize;
    initialize(reader, images.stream().map(Path::toUri).toList());
    batches = new RecordBatches(reader, batchSize);
    ahead = new AsyncDataSetIterator(batches, BATCHES_AHEAD);
  }

  private static void initialize(ImageFolderRecordReader reader, List<URI> files) {
    try {
      reader.initialize(new CollectionInputSplit(files));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean hasNext() {
    boolean more = ahead.hasNext();
    batches.requireSuccess();
    return more;
  }

  @Override
  public DataSet next() {
    return ahead.next();
  }

  /** The files that were left out as broken; complete once all batches are taken. */
  public List<BadImage> badImages() {
    return reader.badImages();
  }

  /** Stops reading, and names the files that were left out in the log. */
  @Override
  public void close() {
    ahead.shutdown();
    reader.close();
    badImages().forEach(bad -> log.warn("left out {}: {}", bad.file(), bad.reason()));
  }
}
