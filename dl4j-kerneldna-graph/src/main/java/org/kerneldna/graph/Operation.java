package org.kerneldna.graph;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a {@link Node} computes: the vocabulary of the language. Images are [N, C, H, W] and rows
 * [N, C], whatever the layout of the graph that was read.
 *
 * <p>The family is sealed, and backends are {@link Visitor}s: a new operation is a compile error in
 * each of them until it has a method there.
 */
public sealed interface Operation {

  /** Calls the method of {@code visitor} for this kind of operation. */
  <R> R accept(Visitor<R> visitor, Node node);

  /** What a {@link Parameter} is to the network. */
  enum Role {
    /** Training changes it. */
    LEARNED,
    /** A parameter that training leaves as it is. */
    FROZEN,
    /** A normalisation's running statistic. */
    STATISTIC,
    /** No parameter of the graph, but a constant of its definition, or computed by a pass. */
    CONSTANT
  }

  /**
   * An array that depends on no input.
   *
   * @param values a FLOAT copy in C order; null if only the configuration was read
   */
  record Parameter(Role role, INDArray values, long... shape) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.parameter(this, node);
    }
  }

  /**
   * A 2d convolution {@code y = act(conv(x, kernel) + bias + addend)}; inputs x, kernel [nOut, nIn
   * / groups, kH, kW] or, of one kernel per sample, [N, nOut, nIn / groups, kH, kW], then bias
   * [nOut] if it is {@code biased}, then addend, of the output's shape, if it is {@code summed}.
   */
  record Convolution(Window window, long groups, boolean biased, boolean summed, Nonlinearity act)
      implements Operation {

    public Convolution(Window window, long groups, boolean biased) {
      this(window, groups, biased, false, Nonlinearity.IDENTITY);
    }

    public Convolution with(Window other) {
      return new Convolution(other, groups, biased, summed, act);
    }

    public Convolution then(Nonlinearity other) {
      return new Convolution(window, groups, biased, summed, other);
    }

    public Convolution plus() {
      return new Convolution(window, groups, biased, true, act);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.convolution(this, node);
    }
  }

  /**
   * A 2d transposed convolution; inputs x, kernel [nIn, nOut, kH, kW], then bias [nOut] if it is
   * {@code biased}. The window is that of the convolution whose gradient it is.
   */
  record Deconvolution(Window window, boolean biased, Nonlinearity act) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.deconvolution(this, node);
    }
  }

  /**
   * {@code y = act(x W' + b)} on [N, nIn]; inputs x, W [nOut, nIn], then b [nOut] if it is {@code
   * biased}.
   */
  record Linear(boolean biased, Nonlinearity act) implements Operation {

    public Linear(boolean biased) {
      this(biased, Nonlinearity.IDENTITY);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.linear(this, node);
    }
  }

  /**
   * Row x[n] of a table for each sample; inputs x [N, 1], whole numbers from 0 to rows - 1, and the
   * table [rows, C]. The output is [N, C].
   */
  record Embedding() implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.embedding(this, node);
    }
  }

  /**
   * Batch normalisation over the channels, dimension 1; inputs x, gamma, beta, mean, variance, [C]
   * each.
   *
   * @param frozen whether training normalises by the running statistics, too
   */
  record BatchNorm(double eps, boolean frozen) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.batchNorm(this, node);
    }
  }

  /**
   * Normalises each position over its channels, dimension 1, by mean and biased variance; inputs x,
   * gamma, beta, [C] each.
   */
  record LayerNorm(double eps) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.layerNorm(this, node);
    }
  }

  /** {@code y = x * scale + shift} per channel, dimension 1; inputs x, scale, shift, [C] each. */
  record Affine() implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.affine(this, node);
    }
  }

  /** {@code y = act(a . b)}, element by element, shapes broadcast as NumPy does; inputs a, b. */
  record Arithmetic(Kind kind, Nonlinearity act) implements Operation {

    public Arithmetic(Kind kind) {
      this(kind, Nonlinearity.IDENTITY);
    }

    /** What is done with a pair of numbers. */
    public enum Kind {
      ADD,
      SUBTRACT,
      MULTIPLY,
      DIVIDE,
      MAXIMUM
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.arithmetic(this, node);
    }
  }

  /** An elementwise function of one input. */
  record Activate(Nonlinearity act) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.activate(this, node);
    }
  }

  /**
   * Softmax over one dimension.
   *
   * @param axis the dimension; a negative one counts from the last, which is -1
   */
  record Softmax(int axis) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.softmax(this, node);
    }
  }

  /**
   * 2d pooling.
   *
   * @param countsPadding whether a mean divides by the size of the whole window, also where that is
   *     over padding
   */
  record Pool(Kind kind, Window window, boolean countsPadding) implements Operation {

    /** What is taken of a window. */
    public enum Kind {
      MAXIMUM,
      MEAN
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.pool(this, node);
    }
  }

  /**
   * Reduces dimensions to one number.
   *
   * @param axes the dimensions, not negative
   * @param keeps whether the dimensions stay, with size 1
   */
  record Reduce(Kind kind, boolean keeps, int... axes) implements Operation {

    /** What is taken of the numbers. */
    public enum Kind {
      MAXIMUM,
      MEAN,
      SUM
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.reduce(this, node);
    }
  }

  /**
   * Joins its inputs along one dimension.
   *
   * @param axis the dimension, not negative
   */
  record Concat(int axis) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.concat(this, node);
    }
  }

  /**
   * The part of its input at {@code from} to {@code to - 1} of a dimension; either may be negative
   * and counts from the end then, {@link #END} is the end itself.
   */
  record Slice(int axis, long from, long to) implements Operation {

    public static final long END = Long.MAX_VALUE;

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.slice(this, node);
    }
  }

  /** Zeros around images. */
  record Pad(long top, long bottom, long left, long right) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.pad(this, node);
    }
  }

  /** Repeats the rows and columns of images. */
  record Upsample(long height, long width) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.upsample(this, node);
    }
  }

  /**
   * Moves blocks of positions to channels: output channel {@code (i * block + j) * C + c} at (h, w)
   * is channel c at {@code (h * block + i, w * block + j)}.
   */
  record SpaceToDepth(long block) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.spaceToDepth(this, node);
    }
  }

  /**
   * Local response normalisation over {@code depth} neighbouring channels, an odd number: {@code y
   * = x / (k + alpha * sum(x^2)) ^ beta}.
   */
  record LocalResponseNorm(long depth, double k, double alpha, double beta) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.localResponseNorm(this, node);
    }
  }

  /**
   * Dimension d of the output is dimension {@code order[d]} of the input. An array of another rank
   * passes as it is: not every graph says whether it takes images or rows.
   */
  record Transpose(int... order) implements Operation {

    /** From [N, H, W, C] to [N, C, H, W]. */
    public static final Transpose TO_CHANNELS_FIRST = new Transpose(0, 3, 1, 2);

    /** From [N, C, H, W] to [N, H, W, C]. */
    public static final Transpose TO_CHANNELS_LAST = new Transpose(0, 2, 3, 1);

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.transpose(this, node);
    }
  }

  /**
   * Another shape for the same numbers in C order: 0 is the input's size of that dimension, -1
   * (once at most) what is left.
   */
  record Reshape(long... shape) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.reshape(this, node);
    }
  }

  /**
   * Does nothing at inference; in training it zeroes numbers, or whole samples, at random.
   *
   * @param keep the probability that one stays
   */
  record Dropout(double keep, boolean wholeSamples) implements Operation {
    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.dropout(this, node);
    }
  }

  /**
   * A computation without an operation of its own in the language, which is left to DL4J. Arrays
   * have DL4J's dimensions.
   *
   * @param kind the simple name of the class that configures it
   * @param reason why it has no other form
   * @param parameters how many numbers it learns
   * @param function what it computes; null if only the configuration was read
   */
  record Opaque(String kind, String reason, long parameters, Function function)
      implements Operation {

    /**
     * Computes a FLOAT array from FLOAT arrays. It may overwrite its inputs; threads may share it.
     */
    @FunctionalInterface
    public interface Function {
      INDArray apply(long batch, INDArray... inputs);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Node node) {
      return visitor.opaque(this, node);
    }
  }

  /** What a backend or a pass does with each operation. */
  interface Visitor<R> {
    R parameter(Parameter op, Node node);

    R convolution(Convolution op, Node node);

    R deconvolution(Deconvolution op, Node node);

    R linear(Linear op, Node node);

    R embedding(Embedding op, Node node);

    R batchNorm(BatchNorm op, Node node);

    R layerNorm(LayerNorm op, Node node);

    R affine(Affine op, Node node);

    R arithmetic(Arithmetic op, Node node);

    R activate(Activate op, Node node);

    R softmax(Softmax op, Node node);

    R pool(Pool op, Node node);

    R reduce(Reduce op, Node node);

    R concat(Concat op, Node node);

    R slice(Slice op, Node node);

    R pad(Pad op, Node node);

    R upsample(Upsample op, Node node);

    R spaceToDepth(SpaceToDepth op, Node node);

    R localResponseNorm(LocalResponseNorm op, Node node);

    R transpose(Transpose op, Node node);

    R reshape(Reshape op, Node node);

    R dropout(Dropout op, Node node);

    R opaque(Opaque op, Node node);
  }
}
