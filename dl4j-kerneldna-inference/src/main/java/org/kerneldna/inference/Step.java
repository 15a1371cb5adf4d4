package org.kerneldna.inference;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One step of a network's inference: it computes the values called {@link #name} from those called
 * {@link #inputs}. Images are [N, C, H, W] here, whatever the layout in memory.
 */
sealed interface Step {

  String name();

  /** What it reads. */
  List<String> inputs();

  /** The same, reading other values. */
  Step reading(UnaryOperator<String> renamed);

  /**
   * A convolution, and what was folded into it: {@code y = act(conv(x) + bias + addend)}.
   *
   * @param kernel [nOut, nIn, kH, kW]; [C, 1, kH, kW] of a depthwise one
   * @param bias [nOut]
   * @param same whether it pads so that the output has the size of the input over the stride; it
   *     pads by {@code padding} otherwise
   * @param addend what is added to it, of the shape of its output; null for nothing
   */
  record Conv(
      String name,
      String input,
      INDArray kernel,
      INDArray bias,
      int[] stride,
      int[] padding,
      boolean same,
      boolean depthwise,
      String addend,
      Nonlinearity act)
      implements Step {

    @Override
    public List<String> inputs() {
      return Stream.of(input, addend).filter(i -> i != null).toList();
    }

    @Override
    public Conv reading(UnaryOperator<String> renamed) {
      return new Conv(
          name,
          renamed.apply(input),
          kernel,
          bias,
          stride,
          padding,
          same,
          depthwise,
          addend == null ? null : renamed.apply(addend),
          act);
    }

    Conv with(INDArray otherKernel, INDArray otherBias) {
      return new Conv(
          name, input, otherKernel, otherBias, stride, padding, same, depthwise, addend, act);
    }

    Conv named(String other) {
      return new Conv(other, input, kernel, bias, stride, padding, same, depthwise, addend, act);
    }

    Conv plus(String other) {
      return new Conv(name, input, kernel, bias, stride, padding, same, depthwise, other, act);
    }

    Conv then(Nonlinearity other) {
      return new Conv(name, input, kernel, bias, stride, padding, same, depthwise, addend, other);
    }
  }

  /** A linear layer on [N, nIn]: {@code y = act(x W' + b)} with W [nOut, nIn] and b [nOut]. */
  record Linear(String name, String input, INDArray weight, INDArray bias, Nonlinearity act)
      implements OneInput {

    @Override
    public Linear reading(UnaryOperator<String> renamed) {
      return new Linear(name, renamed.apply(input), weight, bias, act);
    }

    Linear named(String other) {
      return new Linear(other, input, weight, bias, act);
    }

    Linear then(Nonlinearity other) {
      return new Linear(name, input, weight, bias, other);
    }
  }

  /**
   * A gate: {@code y = x * sigmoid(W2 . relu(W1 . mean(x) + b1) + b2)}, its normalisation folded
   * into W1 [hidden, C] and b1 [hidden]; W2 [C, hidden], b2 [C].
   */
  record Gate(String name, String input, INDArray w1, INDArray b1, INDArray w2, INDArray b2)
      implements OneInput {

    @Override
    public Gate reading(UnaryOperator<String> renamed) {
      return new Gate(name, renamed.apply(input), w1, b1, w2, b2);
    }
  }

  /** A factor and an offset per channel, [C] each: what a normalisation is at inference. */
  record Affine(String name, String input, INDArray scale, INDArray shift) implements OneInput {

    @Override
    public Affine reading(UnaryOperator<String> renamed) {
      return new Affine(name, renamed.apply(input), scale, shift);
    }
  }

  /** Normalisation over the channels of each position. */
  record ChannelNorm(String name, String input, INDArray gamma, INDArray beta, double eps)
      implements OneInput {

    @Override
    public ChannelNorm reading(UnaryOperator<String> renamed) {
      return new ChannelNorm(name, renamed.apply(input), gamma, beta, eps);
    }
  }

  /** A sum of two: {@code y = act(a + b)}. */
  record Add(String name, String a, String b, Nonlinearity act) implements Step {

    @Override
    public List<String> inputs() {
      return List.of(a, b);
    }

    @Override
    public Add reading(UnaryOperator<String> renamed) {
      return new Add(name, renamed.apply(a), renamed.apply(b), act);
    }
  }

  /** An elementwise function. */
  record Activate(String name, String input, Nonlinearity act) implements OneInput {

    @Override
    public Activate reading(UnaryOperator<String> renamed) {
      return new Activate(name, renamed.apply(input), act);
    }
  }

  /** The largest of each window. */
  record MaxPool(String name, String input, int[] kernel, int[] stride, int[] padding)
      implements OneInput {

    @Override
    public MaxPool reading(UnaryOperator<String> renamed) {
      return new MaxPool(name, renamed.apply(input), kernel, stride, padding);
    }
  }

  /** The mean over the positions: [N, C, H, W] to [N, C]. */
  record GlobalPool(String name, String input) implements OneInput {

    @Override
    public GlobalPool reading(UnaryOperator<String> renamed) {
      return new GlobalPool(name, renamed.apply(input));
    }
  }

  /** The softmax over the classes of [N, C]. */
  record Softmax(String name, String input) implements OneInput {

    @Override
    public Softmax reading(UnaryOperator<String> renamed) {
      return new Softmax(name, renamed.apply(input));
    }
  }

  /** A vertex that runs as the graph runs it, for want of a step of its own. */
  record Vertex(String name, List<String> inputs, GraphVertex vertex) implements Step {

    @Override
    public Vertex reading(UnaryOperator<String> renamed) {
      return new Vertex(name, inputs.stream().map(renamed).toList(), vertex);
    }
  }

  /** Reads one value. */
  sealed interface OneInput extends Step {

    String input();

    @Override
    default List<String> inputs() {
      return List.of(input());
    }
  }
}
