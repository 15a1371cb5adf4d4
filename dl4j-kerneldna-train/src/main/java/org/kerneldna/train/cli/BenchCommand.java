package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.ForwardPasses;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.bench.Bench;
import org.kerneldna.train.bench.BenchReport;
import org.kerneldna.train.bench.BenchResult;
import org.kerneldna.train.bench.BenchRow;
import org.kerneldna.train.bench.Mode;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.report.Charts;
import org.kerneldna.zoo.Architecture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Compares the speed of networks in DL4J's own layers, in this library's, compiled, and in ONNX
 * Runtime.
 */
@Command(
    name = "bench",
    description = {
      "Compare the speed of DL4J's own layers, without and with oneDNN helpers, of",
      "static networks and KernelDNA in this library's, of both compiled, and of",
      "both in ONNX Runtime.",
      "All take turns on random images; the machine should do nothing else."
    })
final class BenchCommand implements Runnable {

  @Option(
      names = {"-a", "--arch"},
      paramLabel = "ARCH",
      split = ",",
      converter = ArchitectureConverter.class,
      description = "Architectures, by commas.")
  private List<Architecture> architectures = List.of(Architecture.values());

  @Option(
      names = {"-b", "--batch", "--batch-size"},
      paramLabel = "N",
      split = ",",
      defaultValue = "1,8,32",
      converter = Numbers.Positive.class,
      description = "Images at a time, by commas.")
  private List<Integer> batchSizes;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      converter = Numbers.Positive.class,
      defaultValue = "224",
      description = "Side of the images.")
  private int imageSize;

  @Option(
      names = "--width",
      paramLabel = "FACTOR",
      converter = Numbers.AboveZero.class,
      description = "Factor of all channel counts. Default: 0.5 for mobilenet_v2_1d2, else 1.")
  private Double width;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "20",
      converter = Numbers.Positive.class,
      description = "Rounds to time.")
  private int rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "" + ForwardPasses.WARM_UP,
      converter = Numbers.Positive.class,
      description = "Rounds before those: Java compiles, and DL4J finds out what memory it needs.")
  private int warmUp;

  @Option(
      names = {"--threads", "--num-threads"},
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Native threads of every competitor. Default: one a processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--train", description = "Compare the training step, too.")
  private boolean train;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for inference.png and training.png, charts of the images a second.")
  private Path out;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    List<ModelSpec> models = Usable.options(spec, this::models);
    requireBatchToTrainOn();
    if (out != null) {
      AtomicFile.requireWritable(out);
    }
    NativeThreads.use(spec, threads);
    Backend.log();
    BenchReport report =
        Bench.builder()
            .models(models)
            .batchSizes(batchSizes)
            .training(train)
            .threads(threads)
            .warmUp(warmUp)
            .rounds(rounds)
            .onRow(json::write) // What is stopped keeps what it has measured.
            .build()
            .run();
    spec.commandLine().getOut().printf("%s", report);
    if (out != null) {
      Stream.of(Mode.values()).forEach(mode -> draw(report, mode));
    }
  }

  private List<ModelSpec> models() {
    return architectures.stream()
        .map(arch -> new ModelSpec(arch.toString(), false, imageSize, width(arch), false))
        .toList();
  }

  private double width(Architecture arch) {
    return width == null ? arch.width() : width;
  }

  private void requireBatchToTrainOn() {
    if (train && batchSizes.stream().allMatch(size -> size == 1)) {
      throw new ParameterException(
          spec.commandLine(), "--train cannot train on a batch of 1: give --batch 2 or more");
    }
  }

  private void draw(BenchReport report, Mode mode) {
    List<BenchRow> rows = report.rows(mode);
    if (rows.isEmpty()) {
      return;
    }
    Charts.bars(
        out.resolve(mode + ".png"),
        "%s, %dx%d pixels".formatted(mode, imageSize, imageSize),
        "images/s",
        rows.stream().map(row -> row.arch() + " x" + row.batchSize()).toList(),
        imagesPerSecond(rows));
  }

  /** By competitor, those of every row. */
  private static Map<String, List<Double>> imagesPerSecond(List<BenchRow> rows) {
    return rows.stream()
        .flatMap(row -> row.results().stream())
        .collect(
            Collectors.groupingBy(
                result -> result.competitor().toString(),
                LinkedHashMap::new,
                Collectors.mapping(BenchResult::imagesPerSecond, Collectors.toList())));
  }
}
