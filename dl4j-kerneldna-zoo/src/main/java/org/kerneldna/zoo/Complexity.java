package org.kerneldna.zoo;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.ParentKernel;
import org.kerneldna.layers.SharedConvolution;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parametrized;

/**
 * The size of a network.
 *
 * @param parameters how many numbers it learns: no running statistics, and a kernel that several
 *     convolutions share once
 * @param macs multiply-accumulates of its convolutions, depthwise ones and gates included, and its
 *     linear layers for one image; modulating kernels, normalising, activations and multiplying by
 *     a gate are not counted
 */
public record Complexity(long parameters, long macs) {

  /**
   * Counts {@code graph}.
   *
   * @param inputTypes what its inputs take, see {@link ZooNetwork#inputType}
   */
  public static Complexity of(ComputationGraph graph, InputType... inputTypes) {
    return of(graph.getConfiguration(), inputTypes);
  }

  /** As {@link #of(ComputationGraph, InputType...)}, without need of the network itself. */
  public static Complexity of(ComputationGraphConfiguration conf, InputType... inputTypes) {
    List<LayerComplexity> layers = byLayer(conf, inputTypes);
    return new Complexity(
        layers.stream().mapToLong(LayerComplexity::parameters).sum(),
        layers.stream().mapToLong(LayerComplexity::macs).sum());
  }

  /** What {@link #of(ComputationGraph, InputType...)} adds up, see there. */
  public static List<LayerComplexity> byLayer(ComputationGraph graph, InputType... inputTypes) {
    return byLayer(graph.getConfiguration(), inputTypes);
  }

  /** Counts every vertex by itself, in the order of the configuration. */
  public static List<LayerComplexity> byLayer(
      ComputationGraphConfiguration conf, InputType... inputTypes) {
    // A copy, since DL4J sets layers up as it infers their types.
    Map<String, InputType> outputs = conf.clone().getLayerActivationTypes(inputTypes);
    return conf.getVertices().entrySet().stream()
        .map(vertex -> of(vertex.getKey(), vertex.getValue(), outputs.get(vertex.getKey())))
        .toList();
  }

  private static LayerComplexity of(String name, GraphVertex vertex, InputType output) {
    if (vertex instanceof LayerVertex wrapper) {
      Layer layer = wrapper.getLayerConf().getLayer();
      return new LayerComplexity(
          name, kind(layer), shape(layer, output), parameters(layer), macs(layer, output));
    }
    return new LayerComplexity(name, kind(vertex), shape(output), 0, macs(vertex, output));
  }

  private static String kind(Object configuration) {
    return configuration.getClass().getSimpleName();
  }

  private static List<Long> shape(Layer layer, InputType output) {
    // DL4J takes a kernel's first dimension for the batch.
    return layer instanceof ParentKernel || layer instanceof ChildKernel
        ? Stream.concat(Stream.of(((FeedForwardLayer) layer).getNOut()), shape(output).stream())
            .toList()
        : shape(output);
  }

  private static List<Long> shape(InputType output) {
    return LongStream.of(output.getShape(false)).boxed().toList();
  }

  private static long parameters(Layer layer) {
    if (layer instanceof Parametrized listed) {
      return listed.parameters().stream()
          .filter(p -> !p.role().isStatistic())
          .mapToLong(Parameter::length)
          .sum();
    }
    long all = layer.initializer().numParams(layer);
    return layer instanceof BatchNormalization norm ? all - 2 * norm.getNOut() : all;
  }

  private static long macs(GraphVertex vertex, InputType output) {
    return vertex instanceof SharedConvolution shared
        ? kernel(shared.getGeometry()) * positions(output)
        : 0;
  }

  private static long macs(Layer layer, InputType output) {
    if (layer instanceof ConvolutionLayer conv) {
      return kernel(conv) * positions(output) + gate(conv);
    }
    if (layer instanceof SqueezeExcitation gate) {
      return gate(gate.getNIn(), gate.getRatio());
    }
    return layer instanceof DenseLayer || layer instanceof BaseOutputLayer
        ? ((FeedForwardLayer) layer).getNIn() * ((FeedForwardLayer) layer).getNOut()
        : 0;
  }

  private static long kernel(ConvolutionLayer conv) {
    boolean depthwise =
        conv instanceof DepthwiseConvolution || conv instanceof DepthwiseConvolution2D;
    long inputs = depthwise ? 1 : conv.getNIn();
    return inputs * conv.getNOut() * conv.getKernelSize()[0] * conv.getKernelSize()[1];
  }

  private static long positions(InputType output) {
    InputTypeConvolutional images = (InputTypeConvolutional) output;
    return images.getHeight() * images.getWidth();
  }

  /** The gate of a convolution that brings its own; a child's is a layer. */
  private static long gate(ConvolutionLayer conv) {
    return conv instanceof KernelDNAConvolution k && k.hasGate()
        ? gate(k.getNIn(), k.getGateRatio())
        : 0;
  }

  private static long gate(long channels, long ratio) {
    return 2 * channels * (channels / ratio);
  }
}
