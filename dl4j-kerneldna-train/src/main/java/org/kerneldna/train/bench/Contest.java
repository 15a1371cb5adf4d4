package org.kerneldna.train.bench;

import static org.kerneldna.train.bench.Competitor.COMPILED_KERNELDNA;
import static org.kerneldna.train.bench.Competitor.COMPILED_STATIC;
import static org.kerneldna.train.bench.Competitor.KERNELDNA;
import static org.kerneldna.train.bench.Competitor.ONNX_KERNELDNA;
import static org.kerneldna.train.bench.Competitor.ONNX_STATIC;
import static org.kerneldna.train.bench.Competitor.STATIC;
import static org.kerneldna.train.bench.Competitor.STOCK;
import static org.kerneldna.train.bench.Competitor.STOCK_ONEDNN;
import static org.kerneldna.train.bench.Competitor.STOCK_ONEDNN_NHWC;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.inference.CompiledNetwork;
import org.kerneldna.layers.InputGradients;
import org.kerneldna.layers.natives.LayerHelpers;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.Turns;
import org.kerneldna.train.Turns.Player;
import org.kerneldna.zoo.ZooNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** New networks of one architecture that compete on batches of random images. */
final class Contest {

  private static final int CLASSES = 1000;

  private final ModelSpec model;
  private final Map<Competitor, ComputationGraph> graphs = new EnumMap<>(Competitor.class);

  /**
   * @param model the static network
   */
  Contest(ModelSpec model) {
    this.model = model;
    Recipe recipe = Recipe.of(model.arch());
    ModelSpec kernelDna =
        new ModelSpec(model.arch(), true, model.imageSize(), model.width(), model.smallStem());
    ComputationGraph plain = model.build(CLASSES, recipe);
    ZooNetwork channelsLast = model.builder(CLASSES, recipe).dataFormat(CNN2DFormat.NHWC).build();
    graphs.put(STOCK, StockTwin.of(plain));
    graphs.put(STOCK_ONEDNN, StockTwin.of(plain));
    graphs.put(STOCK_ONEDNN_NHWC, StockTwin.of(channelsLast.init()));
    LayerHelpers.enable(graphs.get(STOCK_ONEDNN));
    LayerHelpers.enable(graphs.get(STOCK_ONEDNN_NHWC));
    graphs.put(STATIC, plain);
    graphs.put(KERNELDNA, kernelDna.build(CLASSES, recipe));
    InputGradients.skip(graphs.get(STATIC));
    InputGradients.skip(graphs.get(KERNELDNA));
  }

  /** What DL4J has no layer for, so that its networks have this library's. */
  Set<String> kept() {
    return StockTwin.kept(graphs.get(STOCK));
  }

  /** Times all competitors at inference, see {@link Turns}. */
  BenchRow inference(int batchSize, int threads, int warmUp, int rounds) {
    INDArray images = images(batchSize);
    Map<Competitor, Runnable> tasks = new EnumMap<>(Competitor.class);
    graphs.forEach(
        (who, graph) -> {
          INDArray given = arranged(images, who);
          tasks.put(who, () -> graph.outputSingle(given));
        });
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (var compiledStatic = CompiledNetwork.of(graphs.get(STATIC));
        var compiledKernelDna = CompiledNetwork.of(graphs.get(KERNELDNA));
        var onnxStatic = new OnnxRuntimeNetwork(graphs.get(STATIC), images, threads, temporary);
        var onnxKernelDna =
            new OnnxRuntimeNetwork(graphs.get(KERNELDNA), images, threads, temporary)) {
      tasks.put(COMPILED_STATIC, () -> compiledStatic.outputSingle(images));
      tasks.put(COMPILED_KERNELDNA, () -> compiledKernelDna.outputSingle(images));
      tasks.put(ONNX_STATIC, onnxStatic::output);
      tasks.put(ONNX_KERNELDNA, onnxKernelDna::output);
      return time(Mode.INFERENCE, batchSize, tasks, warmUp, rounds);
    }
  }

  /** Times the training step of all competitors that train, see {@link Turns}. */
  BenchRow training(int batchSize, int warmUp, int rounds) {
    INDArray labels = Nd4j.zeros(batchSize, CLASSES);
    for (int image = 0; image < batchSize; image++) {
      labels.putScalar(image, image % CLASSES, 1);
    }
    INDArray images = images(batchSize);
    Map<Competitor, Runnable> tasks = new EnumMap<>(Competitor.class);
    graphs.forEach(
        (who, graph) -> {
          DataSet batch = new DataSet(arranged(images, who), labels);
          tasks.put(who, () -> graph.fit(batch));
        });
    return time(Mode.TRAINING, batchSize, tasks, warmUp, rounds);
  }

  private BenchRow time(
      Mode mode, int batchSize, Map<Competitor, Runnable> tasks, int warmUp, int rounds) {
    List<Player> players =
        tasks.entrySet().stream()
            .map(task -> new Player(task.getValue(), task.getKey().getEvery()))
            .toList();
    double[][] times = Turns.time(players, warmUp, rounds);
    Map<Competitor, double[]> milliseconds = new EnumMap<>(Competitor.class);
    tasks.keySet().forEach(who -> milliseconds.put(who, times[milliseconds.size()]));
    return BenchRow.of(mode, model.arch(), batchSize, milliseconds, this::macs, this::helpers);
  }

  private INDArray images(int batchSize) {
    return Nd4j.rand(batchSize, 3, model.imageSize(), model.imageSize());
  }

  /** In the layout of the competitor's network. */
  private static INDArray arranged(INDArray images, Competitor who) {
    return who == STOCK_ONEDNN_NHWC ? images.permute(0, 2, 3, 1).dup('c') : images;
  }

  private long macs(Competitor who) {
    boolean isStatic = who == who.staticTwin();
    return Complexity.of(graphs.get(isStatic ? STATIC : KERNELDNA), model.inputType()).macs();
  }

  private long helpers(Competitor who) {
    return graphs.containsKey(who)
        ? Stream.of(graphs.get(who).getLayers()).filter(layer -> layer.getHelper() != null).count()
        : 0;
  }
}
