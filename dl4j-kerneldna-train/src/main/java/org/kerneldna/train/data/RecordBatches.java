package org.kerneldna.train.data;

import org.datavec.api.records.reader.RecordReader;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Batches of image and label records, which end when reading fails. DL4J's reading ahead needs
 * that: if its thread dies of an exception, whoever waits for the next batch waits for ever.
 */
final class RecordBatches extends RecordReaderDataSetIterator {

  private static final int LABEL_COLUMN = 1;

  private volatile Throwable failure;

  RecordBatches(RecordReader reader, int batchSize) {
    super(reader, batchSize, LABEL_COLUMN, reader.getLabels().size());
  }

  /** Not supported; to find out from the reader, DL4J would read the first record. */
  @Override
  public boolean resetSupported() {
    return false;
  }

  @Override
  public boolean hasNext() {
    try {
      return failure == null && super.hasNext();
    } catch (RuntimeException | Error e) {
      failure = e;
      return false;
    }
  }

  @Override
  public DataSet next(int images) {
    try {
      return super.next(images);
    } catch (RuntimeException | Error e) {
      failure = e;
      return null;
    }
  }

  /**
   * Does nothing unless reading has failed.
   *
   * @throws Error if it failed with one
   * @throws IllegalStateException if it failed otherwise
   */
  void requireSuccess() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw new IllegalStateException("reading images failed", failure);
    }
  }
}
