package org.kerneldna.graph.read;

import static org.kerneldna.graph.Nonlinearity.clip;
import static org.kerneldna.graph.Nonlinearity.linear;
import static org.kerneldna.graph.Nonlinearity.power;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Transpose;

/** Vertices that are no layers. */
final class VertexReaders implements Readers.Provider {

  private static final Nonlinearity ROOT = power(1, 0.5);

  @Override
  public void addTo(Readers readers) {
    readers
        .add(ElementWiseVertex.class, VertexReaders::elementwise)
        .add(MergeVertex.class, VertexReaders::merge)
        .add(StackVertex.class, VertexReaders::stack)
        .add(UnstackVertex.class, VertexReaders::unstack)
        .add(SubsetVertex.class, VertexReaders::subset)
        .add(PoolHelperVertex.class, VertexReaders::withoutFirsts)
        .add(
            ScaleVertex.class,
            (conf, r) -> r.gives(r.then(r.array(0), linear(conf.getScaleFactor(), 0))))
        .add(
            ShiftVertex.class,
            (conf, r) -> r.gives(r.then(r.array(0), linear(1, conf.getShiftFactor()))))
        .add(L2NormalizeVertex.class, VertexReaders::normalize)
        .add(L2Vertex.class, VertexReaders::distance)
        .add(ReshapeVertex.class, VertexReaders::reshape)
        .add(DuplicateToTimeSeriesVertex.class, VertexReaders::duplicate)
        .add(LastTimeStepVertex.class, VertexReaders::lastStep);
  }

  private static void elementwise(ElementWiseVertex conf, Reading r) {
    if (conf.getOp() == ElementWiseVertex.Op.Subtract && r.inputs() > 2) {
      r.leave("a difference has two inputs");
      return;
    }
    Arithmetic op =
        new Arithmetic(
            switch (conf.getOp()) {
              case Add, Average -> Arithmetic.Kind.ADD;
              case Subtract -> Arithmetic.Kind.SUBTRACT;
              case Product -> Arithmetic.Kind.MULTIPLY;
              case Max -> Arithmetic.Kind.MAXIMUM;
            });
    List<Array> arrays = r.arrays();
    Array out = arrays.get(0);
    for (int i = 1; i < arrays.size(); i++) {
      String value = r.add("with" + i, op, out.value(), arrays.get(i).value());
      out = new Array(value, out.channelsLast());
    }
    boolean mean = conf.getOp() == ElementWiseVertex.Op.Average && r.inputs() > 1;
    r.gives(mean ? r.then(out, linear(1.0 / r.inputs(), 0)) : out);
  }

  private static void merge(MergeVertex conf, Reading r) {
    if (conf.getMergeAxis() < 0) {
      r.leave("merges along a dimension that counts from the end");
      return;
    }
    concat(conf.getMergeAxis(), r);
  }

  private static void stack(StackVertex conf, Reading r) {
    boolean series = IntStream.range(0, r.inputs()).anyMatch(i -> r.rank(r.array(i)) % 3 == 0);
    if (series) {
      r.leave("stacks what may be time series of different lengths");
      return;
    }
    concat(0, r);
  }

  private static void concat(int axis, Reading r) {
    Array first = r.arrays().get(0);
    String[] values = r.arrays().stream().map(Array::value).toArray(String[]::new);
    r.gives(
        values.length == 1
            ? first
            : new Array(
                r.add("joined", new Concat(first.axis(axis)), values), first.channelsLast()));
  }

  /**
   * One of {@code stackSize} equal parts of the batch, whatever its size: it goes last for that.
   */
  private static void unstack(UnstackVertex conf, Reading r) {
    Array x = r.array(0);
    int rank = r.rank(x);
    if (rank == 0) {
      r.leave("how many dimensions there are is not known");
      return;
    }
    int[] batchLast = IntStream.range(0, rank).map(d -> (d + 1) % rank).toArray();
    int[] batchFirst = IntStream.range(0, rank).map(d -> (d + rank - 1) % rank).toArray();
    long[] parts = new long[rank + 1];
    parts[rank - 1] = conf.getStackSize();
    parts[rank] = -1;
    long[] whole = new long[rank];
    whole[rank - 1] = -1;
    String last = r.add("last", new Transpose(batchLast), x.value());
    String split = r.add("parts", new Reshape(parts), last);
    Slice one = new Slice(rank - 1, conf.getFrom(), conf.getFrom() + 1);
    String part = r.add("whole", new Reshape(whole), r.add("part", one, split));
    r.gives(new Array(r.add("first", new Transpose(batchFirst), part), x.channelsLast()));
  }

  private static void subset(SubsetVertex conf, Reading r) {
    Array x = r.array(0);
    Slice slice = new Slice(x.axis(1), conf.getFrom(), conf.getTo() + 1L);
    r.gives(new Array(r.add("part", slice, x.value()), x.channelsLast()));
  }

  /** Without the first row and column, as DL4J sees them. */
  private static void withoutFirsts(PoolHelperVertex conf, Reading r) {
    Array x = r.array(0);
    String rows = r.add("rows", new Slice(x.axis(2), 1, Slice.END), x.value());
    String rest = r.add("columns", new Slice(x.axis(3), 1, Slice.END), rows);
    r.gives(new Array(rest, x.channelsLast()));
  }

  private static void normalize(L2NormalizeVertex conf, Reading r) {
    Array x = r.array(0);
    int[] all = IntStream.range(1, r.rank(x)).toArray();
    int[] given = conf.getDimension();
    boolean allButBatch = given == null || given.length == 0 || Arrays.equals(given, all);
    if (all.length == 0 || !allButBatch) {
      r.leave("normalises by a norm that is not known to be one of the whole sample");
      return;
    }
    String norm = r.then(norm(x.value(), all, r), clip(conf.getEps(), Float.MAX_VALUE));
    Arithmetic divide = new Arithmetic(Arithmetic.Kind.DIVIDE);
    r.gives(new Array(r.add("normalized", divide, x.value(), norm), x.channelsLast()));
  }

  private static void distance(L2Vertex conf, Reading r) {
    List<Array> x = r.arrays();
    Arithmetic subtract = new Arithmetic(Arithmetic.Kind.SUBTRACT);
    String difference = r.add("difference", subtract, x.get(0).value(), x.get(1).value());
    r.gives(norm(r.add("flat", new Reshape(0, -1), difference), new int[] {1}, r));
  }

  /** The Euclidean norm over dimensions, which stay. */
  private static String norm(String x, int[] axes, Reading r) {
    String squares = r.add("squares", new Arithmetic(Arithmetic.Kind.MULTIPLY), x, x);
    return r.then(r.add("sum", new Reduce(Reduce.Kind.SUM, true, axes), squares), ROOT);
  }

  private static void reshape(ReshapeVertex conf, Reading r) {
    long[] shape = Arrays.stream(conf.getNewShape()).asLongStream().toArray();
    if (conf.getReshapeOrder() != 'c' || Arrays.stream(shape).anyMatch(size -> size == 0)) {
      r.leave("reshapes in another order than C");
      return;
    }
    r.gives(r.add("reshaped", new Reshape(shape), r.plain(0)));
  }

  /** The same at every step of a series that is an input of the network. */
  private static void duplicate(DuplicateToTimeSeriesVertex conf, Reading r) {
    String steps = r.add("steps", new Slice(1, 0, 1), conf.getInputName());
    String ones = r.then(steps, linear(0, 1));
    String step = r.add("step", new Reshape(0, -1, 1), r.plain(0));
    r.gives(r.add("duplicated", new Arithmetic(Arithmetic.Kind.MULTIPLY), step, ones));
  }

  /** A network is compiled without masks: the last step is the last one there is. */
  private static void lastStep(LastTimeStepVertex conf, Reading r) {
    String last = r.add("step", new Slice(2, -1, Slice.END), r.plain(0));
    r.gives(r.add("last", new Reshape(0, 0), last));
  }
}
