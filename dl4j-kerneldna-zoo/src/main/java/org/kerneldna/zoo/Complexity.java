package org.kerneldna.zoo;

import java.util.Map;
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
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.KernelDNAConvolution;
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
    // A copy, since DL4J sets layers up as it infers their types.
    Map<String, InputType> outputs = conf.clone().getLayerActivationTypes(inputTypes);
    long parameters = 0;
    long macs = 0;
    for (Map.Entry<String, GraphVertex> entry : conf.getVertices().entrySet()) {
      GraphVertex vertex = entry.getValue();
      InputType output = outputs.get(entry.getKey());
      if (vertex instanceof SharedConvolution shared) {
        macs += kernel(shared.getGeometry()) * positions(output);
      } else if (vertex instanceof LayerVertex layer) {
        parameters += parameters(layer.getLayerConf().getLayer());
        macs += macs(layer.getLayerConf().getLayer(), output);
      }
    }
    return new Complexity(parameters, macs);
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
