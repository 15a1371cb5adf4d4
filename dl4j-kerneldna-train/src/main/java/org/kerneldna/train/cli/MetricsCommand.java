package org.kerneldna.train.cli;

import static java.util.Objects.requireNonNullElse;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.inference.CompiledNetwork;
import org.kerneldna.inference.onednn.Description;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ForwardPasses;
import org.kerneldna.train.Latency;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the size and the speed of a network, without data. */
@Command(
    name = "metrics",
    description = {
      "Print a network's parameters, multiply-accumulates, latency and throughput.",
      "Without --params, --flops and --latency: all of them."
    })
final class MetricsCommand implements Runnable {

  private static final String DEFAULT_ARCH = "resnet18";
  private static final int DEFAULT_CLASSES = 1000;

  @Mixin private ModelOptions model;

  @Option(
      names = "--num-classes",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Number of classes. Default: 1000.")
  private Integer classes;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Checkpoint whose network to measure, in place of a new one.")
  private Path file;

  @Option(names = "--params", description = "Count the parameters.")
  private boolean params;

  @Option(
      names = "--flops",
      description =
          "Count the multiply-accumulates (MACs) of convolutions, gates and linear layers for one"
              + " image.")
  private boolean flops;

  @Option(
      names = "--latency",
      description = "Measure latency and throughput at inference, on random images.")
  private boolean latency;

  @Option(
      names = "--compiled",
      description = "Compile the network for inference before its latency is measured.")
  private boolean compiled;

  @Option(
      names = "--layers",
      description =
          "List parameters and MACs by layer, too; with --compiled also what runs, and how long.")
  private boolean layers;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      defaultValue = "8",
      converter = Numbers.Positive.class,
      description = "Images at a time.")
  private int batchSize;

  @Option(
      names = "--iter",
      paramLabel = "N",
      defaultValue = "50",
      converter = Numbers.Positive.class,
      description = "Batches to time, after " + ForwardPasses.WARM_UP + " to warm up.")
  private int iterations;

  @Option(
      names = {"--threads", "--num-threads"},
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Native threads. Default: what OMP_NUM_THREADS says, else ND4J's choice.")
  private Integer threads;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  private record Subject(ModelSpec model, int classes, ComputationGraph graph) {}

  @Override
  public void run() {
    requireOneNetwork();
    if (threads != null) {
      NativeThreads.use(spec, threads);
    }
    Backend.log();
    MetricsReport report = measure(file == null ? create() : load());
    spec.commandLine().getOut().printf("%s", report);
    json.write(report);
  }

  private void requireOneNetwork() {
    if (file != null && (classes != null || !model.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(),
          "--model tells which network to measure: leave out --arch, --customize, --image-size,"
              + " --width, --small-stem and --num-classes");
    }
  }

  private Subject create() {
    ModelSpec model = Usable.options(spec, () -> this.model.orDefaults(DEFAULT_ARCH));
    int classes = requireNonNullElse(this.classes, DEFAULT_CLASSES);
    return new Subject(model, classes, model.build(classes, Recipe.of(model.arch())));
  }

  private Subject load() {
    Checkpoint checkpoint = Checkpoint.load(file);
    Card card = checkpoint.card();
    return new Subject(card.model(), card.classes().size(), checkpoint.graph());
  }

  private MetricsReport measure(Subject subject) {
    boolean all = !params && !flops && !latency;
    ModelSpec model = subject.model();
    Complexity size = Complexity.of(subject.graph(), model.inputType());
    Timing timing = all || latency ? timing(subject) : new Timing(null, null);
    return new MetricsReport(
        model.title(),
        model.arch(),
        model.customize(),
        model.imageSize(),
        model.width(),
        model.smallStem(),
        subject.classes(),
        all || params ? size.parameters() : null,
        all || flops ? size.macs() : null,
        timing.latency,
        all || latency ? compiled : null,
        all || latency ? Backend.describe() : null,
        layers ? layers(subject) : null,
        timing.steps);
  }

  /**
   * What was timed.
   *
   * @param steps of the compiled network; null if they were not asked for
   */
  private record Timing(Latency latency, Description steps) {}

  private Timing timing(Subject subject) {
    int size = subject.model().imageSize();
    if (!compiled) {
      UnaryOperator<INDArray> graph = subject.graph()::outputSingle;
      return new Timing(Latency.measure(graph, size, batchSize, iterations), null);
    }
    try (CompiledNetwork network = CompiledNetwork.of(subject.graph())) {
      Latency latency = Latency.measure(network::outputSingle, size, batchSize, iterations);
      INDArray images = Nd4j.rand(batchSize, 3, size, size);
      return new Timing(latency, layers ? network.profile(iterations, images) : null);
    }
  }

  private static List<MetricsReport.Layer> layers(Subject subject) {
    return Complexity.byLayer(subject.graph(), subject.model().inputType()).stream()
        .map(MetricsReport.Layer::of)
        .toList();
  }
}
