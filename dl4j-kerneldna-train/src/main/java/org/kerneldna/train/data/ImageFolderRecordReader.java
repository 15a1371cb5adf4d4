package org.kerneldna.train.data;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import lombok.Getter;
import lombok.Setter;
import org.datavec.api.conf.Configuration;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaData;
import org.datavec.api.records.metadata.RecordMetaDataURI;
import org.datavec.api.records.reader.BaseRecordReader;
import org.datavec.api.split.InputSplit;
import org.datavec.api.writable.IntWritable;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;

/**
 * Reads images once, in the split's order: records of an array [1, 3, height, width] and a label,
 * which is the index among the classes of the nearest folder above the file that is one. Threads
 * decode ahead; the records do not depend on how many. Broken images are left out and kept in a
 * list.
 */
public final class ImageFolderRecordReader extends BaseRecordReader {

  private final ClassNames classes;
  private final Preprocessing preprocessing;
  private final long seed;
  private final int workers;

  private final List<BadImage> badImages = new ArrayList<>();
  private InOrder<Outcome> outcomes;
  private Record next;

  @Getter @Setter private Configuration conf;

  /** What became of one file: either is null. */
  private record Outcome(Record record, BadImage bad) {}

  /**
   * @param classes names of the class folders, by label
   * @param preprocessing from decoded image to array; all arrays must have one shape
   * @param seed of the chance in the preprocessing
   * @param workers threads that decode, at least 1
   */
  public ImageFolderRecordReader(
      List<String> classes, Preprocessing preprocessing, long seed, int workers) {
    this.classes = ClassNames.of(classes);
    this.preprocessing = preprocessing;
    this.seed = seed;
    this.workers = workers;
  }

  @Override
  public void initialize(InputSplit split) throws IOException, InterruptedException {
    super.initialize(split);
    URI[] files = split.locations();
    outcomes = new InOrder<>(files.length, index -> decode(files[index], index), workers);
  }

  @Override
  public void initialize(Configuration conf, InputSplit split)
      throws IOException, InterruptedException {
    setConf(conf);
    initialize(split);
  }

  private Outcome decode(URI file, int index) {
    try {
      return new Outcome(
          OneImage.use(() -> toRecord(file, Files.readAllBytes(Path.of(file)), index)), null);
    } catch (IOException e) {
      return new Outcome(null, new BadImage(Path.of(file).toString(), e.getMessage()));
    }
  }

  private Record toRecord(URI file, byte[] bytes, int index) throws BadImageException {
    // A source of chance for each image makes the result independent of which thread decodes what.
    SplittableRandom random = new SplittableRandom(seed + index);
    int label = label(Path.of(file));
    return new org.datavec.api.records.impl.Record(
        List.of(new NDArrayWritable(preprocessing.apply(bytes, random)), new IntWritable(label)),
        new RecordMetaDataURI(file, getClass()));
  }

  private int label(Path file) throws BadImageException {
    for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
      Path name = folder.getFileName();
      if (name != null && classes.contains(name.toString())) {
        return classes.indexOf(name.toString());
      }
    }
    throw new BadImageException("it is in the folder of no class");
  }

  @Override
  public boolean hasNext() {
    while (next == null && outcomes.hasNext()) {
      Outcome outcome = outcomes.next();
      next = outcome.record;
      if (outcome.bad != null) {
        badImages.add(outcome.bad);
      }
    }
    return next != null;
  }

  @Override
  public Record nextRecord() {
    if (!hasNext()) {
      throw new NoSuchElementException("all images have been read");
    }
    Record record = next;
    next = null;
    invokeListeners(record);
    return record;
  }

  @Override
  public List<Writable> next() {
    return nextRecord().getRecord();
  }

  /** The files left out so far, in order; complete once {@link #hasNext()} is false. */
  public List<BadImage> badImages() {
    return List.copyOf(badImages);
  }

  @Override
  public List<String> getLabels() {
    return classes;
  }

  /** Not supported: a reader is one pass over the images. */
  @Override
  public void reset() {
    throw new UnsupportedOperationException("a reader is one pass over the images");
  }

  @Override
  public boolean resetSupported() {
    return false;
  }

  @Override
  public List<Writable> record(URI uri, DataInputStream stream) throws IOException {
    return toRecord(uri, stream.readAllBytes(), 0).getRecord();
  }

  @Override
  public Record loadFromMetaData(RecordMetaData metaData) throws IOException {
    return toRecord(metaData.getURI(), Files.readAllBytes(Path.of(metaData.getURI())), 0);
  }

  @Override
  public List<Record> loadFromMetaData(List<RecordMetaData> metaDatas) throws IOException {
    List<Record> records = new ArrayList<>();
    for (RecordMetaData metaData : metaDatas) {
      records.add(loadFromMetaData(metaData));
    }
    return records;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    outcomes.close();
  }
}
