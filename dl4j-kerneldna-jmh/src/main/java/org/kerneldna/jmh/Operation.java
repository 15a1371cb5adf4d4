package org.kerneldna.jmh;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What is timed: the time of one call on activations of one shape, as training calls it. Large
 * arrays are made before, and the small ones in between lie in a workspace, as they do in a
 * network; so memory is claimed once, and not what is measured.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public abstract class Operation {

  private static final long SEED = 1;
  private static final WorkspaceConfiguration IN_BETWEEN = WorkspaceConfiguration.builder().build();

  /** Channels, height and width; by default those of ResNet-18's last two stages. */
  @Param({"256x14x14", "512x7x7"})
  String shape;

  /** Images at a time. */
  @Param("8")
  int batch;

  /** Makes all arrays. */
  @Setup
  public void create() {
    long[] dimensions = Stream.of(shape.split("x")).mapToLong(Long::parseLong).toArray();
    Nd4j.getRandom().setSeed(SEED);
    create(random(batch, dimensions[0], dimensions[1], dimensions[2]));
  }

  /**
   * Makes the arrays that the operation needs.
   *
   * @param x activations [N, C, H, W]
   */
  abstract void create(INDArray x);

  static INDArray random(long... shape) {
    return Nd4j.randn(DataType.FLOAT, shape);
  }

  /** Random arrays of the shapes of parameters, by key. */
  static Map<String, INDArray> random(List<Parameter> parameters) {
    return parameters.stream().collect(Collectors.toMap(Parameter::key, p -> random(p.shape())));
  }

  /** A pass of training with random parameters. */
  static Pass training(List<Parameter> parameters) {
    return new Pass(random(parameters), true, DataType.FLOAT, new KeptArrays());
  }

  /** Runs an operation whose result lies outside of the workspace. */
  static INDArray inWorkspace(Supplier<INDArray> operation) {
    try (MemoryWorkspace open =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(IN_BETWEEN, "in between")) {
      return operation.get();
    }
  }
}
