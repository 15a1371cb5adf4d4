package org.kerneldna.jmh;

import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The machine's arithmetic limit, for comparison: multiply-accumulates a microsecond of a product
 * of square matrices. On a busy machine the highest of the short measurements counts, which JMH
 * prints as max.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 40, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class MatrixProductBenchmark {

  private static final int SIZE = 1024;

  /** SIZE cubed. */
  private static final int MULTIPLY_ACCUMULATES = 1 << 30;

  INDArray a;
  INDArray b;
  private INDArray out;

  /** Makes the matrices. */
  @Setup
  public void create() {
    a = Operation.random(SIZE, SIZE);
    b = Operation.random(SIZE, SIZE);
    out = Nd4j.create(a.dataType(), new long[] {SIZE, SIZE}, 'c');
  }

  @Benchmark
  @OperationsPerInvocation(MULTIPLY_ACCUMULATES)
  public INDArray multiplyAccumulates() {
    return Nd4j.exec(new Mmul(a, b, out, null))[0];
  }
}
