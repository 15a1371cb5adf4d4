package org.kerneldna.train.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.stream.DoubleStream;
import org.kerneldna.train.Median;

/**
 * How fast one competitor was.
 *
 * @param layersWithHelpers how many of its layers have a helper of DL4J's
 * @param rounds how often it was timed
 * @param medianMs milliseconds of a batch
 * @param timeRatio median relative to that of DL4J's layers with oneDNN's helpers, below 1 if
 *     faster
 * @param onnxRatio median relative to that of the same network in ONNX Runtime, below 1 if faster;
 *     null in training, which that does not do, and left out of JSON
 * @param imagesPerSecond at the median
 * @param macs multiply-accumulates of one image, forward
 * @param macsPerSecond at the median; in training, too, only those of the forward pass are counted
 * @param timePerMac time of a multiply-accumulate relative to the static twin's; 1 if it is static
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BenchResult(
    Competitor competitor,
    long layersWithHelpers,
    int rounds,
    double medianMs,
    double minMs,
    double maxMs,
    double timeRatio,
    Double onnxRatio,
    double imagesPerSecond,
    long macs,
    double macsPerSecond,
    double timePerMac) {

  /** Milliseconds and work of one competitor. */
  record Measured(double[] milliseconds, long macs) {

    double median() {
      return Median.of(DoubleStream.of(milliseconds));
    }

    double perMac() {
      return median() / macs;
    }
  }

  /**
   * @param onnxTwin null if it took no part
   */
  static BenchResult of(
      Competitor competitor,
      long layersWithHelpers,
      int batchSize,
      Measured measured,
      Measured reference,
      Measured onnxTwin,
      Measured staticTwin) {
    double median = measured.median();
    double imagesPerSecond = 1000 * batchSize / median;
    return new BenchResult(
        competitor,
        layersWithHelpers,
        measured.milliseconds.length,
        median,
        DoubleStream.of(measured.milliseconds).min().orElseThrow(),
        DoubleStream.of(measured.milliseconds).max().orElseThrow(),
        median / reference.median(),
        onnxTwin == null ? null : median / onnxTwin.median(),
        imagesPerSecond,
        measured.macs,
        imagesPerSecond * measured.macs,
        measured.perMac() / staticTwin.perMac());
  }
}
