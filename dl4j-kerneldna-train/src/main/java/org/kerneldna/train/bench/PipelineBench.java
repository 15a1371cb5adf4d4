package org.kerneldna.train.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;
import org.datavec.api.io.labels.ParentPathLabelGenerator;
import org.datavec.api.split.CollectionInputSplit;
import org.datavec.image.recordreader.ImageRecordReader;
import org.kerneldna.train.Median;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageFolder;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.io.InputException;

/**
 * How fast images become training batches, and how fast DataVec's own {@code ImageRecordReader}
 * reads the same files in a plain loop. Both take turns, so that whatever else the machine does
 * slows both.
 */
public final class PipelineBench {

  /** Images of a turn. */
  private static final int TURN = 500;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final ImageFolder images;
  private final ImagePipeline pipeline;

  /**
   * What one of the two reached, at the median of its turns.
   *
   * @param imagesPerSecond by the clock
   * @param imagesPerCoreSecond by the time that processors spent on it
   */
  public record Speed(double imagesPerSecond, double imagesPerCoreSecond) {

    private static Speed median(List<Speed> turns) {
      return new Speed(
          median(turns, Speed::imagesPerSecond), median(turns, Speed::imagesPerCoreSecond));
    }

    private static double median(List<Speed> turns, ToDoubleFunction<Speed> figure) {
      return Median.of(turns.stream().mapToDouble(figure));
    }
  }

  /**
   * What was measured.
   *
   * @param images of a turn
   * @param turns of each
   * @param ratio of ours to DataVec's images a second and core, at the median of the turns
   */
  public record Report(
      Machine machine,
      int images,
      int imageSize,
      int batchSize,
      int workers,
      int turns,
      Speed pipeline,
      Speed datavec,
      double ratio) {}

  /**
   * @param folder whose images to read, or a part of them if it has many
   */
  public PipelineBench(ImageFolder folder, ImagePipeline pipeline) {
    images = folder.sample(TURN);
    this.pipeline = pipeline;
  }

  /**
   * Measures, after half as long to warm up.
   *
   * @param seconds after which no further turn begins; each has one at least
   * @throws InputException if an image is broken, which DataVec does not read over
   */
  public Report run(double seconds) {
    requireGood();
    takeTurns(seconds / 2, new ArrayList<>(), new ArrayList<>());
    List<Speed> ours = new ArrayList<>();
    List<Speed> theirs = new ArrayList<>();
    takeTurns(seconds, ours, theirs);
    return report(ours, theirs);
  }

  private void takeTurns(double seconds, List<Speed> ours, List<Speed> theirs) {
    long start = System.nanoTime();
    do {
      ours.add(time(this::readByPipeline, ours.size()));
      theirs.add(time(this::readByDataVec, theirs.size()));
    } while (System.nanoTime() - start < seconds * 1e9);
  }

  private Report report(List<Speed> ours, List<Speed> theirs) {
    List<Double> ratios = new ArrayList<>();
    for (int turn = 0; turn < ours.size(); turn++) {
      ratios.add(ours.get(turn).imagesPerCoreSecond() / theirs.get(turn).imagesPerCoreSecond());
    }
    return new Report(
        Machine.here(),
        images.size(),
        pipeline.imageSize(),
        pipeline.batchSize(),
        pipeline.workers(),
        ours.size(),
        Speed.median(ours),
        Speed.median(theirs),
        Median.of(ratios.stream().mapToDouble(ratio -> ratio)));
  }

  private Speed time(IntConsumer pass, int turn) {
    long start = System.nanoTime();
    long startOfWork = SYSTEM.getProcessCpuTime();
    pass.accept(turn);
    double count = 1e9 * images.size();
    return new Speed(
        count / (System.nanoTime() - start), count / (SYSTEM.getProcessCpuTime() - startOfWork));
  }

  private void requireGood() {
    try (ImageBatches batches = pipeline.withMaxBad(0).training(images, 0)) {
      while (batches.hasNext()) {
        batches.next();
      }
    }
  }

  private void readByPipeline(int seed) {
    try (ImageBatches batches = pipeline.training(images, seed)) {
      while (batches.hasNext()) {
        batches.next();
      }
    }
  }

  private void readByDataVec(int turn) {
    int size = pipeline.imageSize();
    try (var reader = new ImageRecordReader(size, size, 3, new ParentPathLabelGenerator())) {
      reader.initialize(
          new CollectionInputSplit(images.images().stream().map(Path::toUri).toList()));
      while (reader.hasNext()) {
        reader.next();
      }
    } catch (IOException e) {
      throw new InputException(images.root() + " cannot be read by DataVec: " + e, e);
    }
  }
}
