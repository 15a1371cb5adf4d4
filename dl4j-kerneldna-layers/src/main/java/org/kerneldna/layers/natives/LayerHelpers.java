package org.kerneldna.layers.natives;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Runs DL4J's own 2d convolutions and batch normalisations in oneDNN, which is several times
 * faster. This library's layers do so anyway.
 *
 * <p>DL4J 1.0.0-M2.1 has helpers for that and never uses them. With its system property on, it
 * throws them away, since they look for a class that ND4J has moved. They also compute wrong
 * numbers from arrays that are not {@link Dense}, as images with channels last often are. The
 * helpers here make their arrays dense first.
 *
 * <p>Layers without a helper: those of another data type than FLOAT, or in another wrapper than
 * {@code FrozenLayer}; convolutions that are dilated, depthwise, separable or transposed, or have
 * one or three dimensions; normalisations with locked gamma and beta. Pooling needs none: it runs
 * in oneDNN anyway.
 */
public final class LayerHelpers {

  private LayerHelpers() {}

  /**
   * Gives the layers of {@code graph} their helpers. No other network changes, and a copy of this
   * one, cloned or restored from a file, has none until it is asked for. Does nothing where {@link
   * Backend#oneDnn() oneDNN is not in use}.
   *
   * @return how many layers have one now
   * @throws IllegalStateException if {@code graph} is not initialised
   */
  public static int enable(ComputationGraph graph) {
    return enable(graph.getLayers());
  }

  /** See {@link #enable(ComputationGraph)}. */
  public static int enable(MultiLayerNetwork network) {
    return enable(network.getLayers());
  }

  private static int enable(Layer[] layers) {
    if (layers == null) {
      throw new IllegalStateException("layer helpers need a network that is initialised by init()");
    }
    if (Backend.oneDnn()) {
      Arrays.stream(layers).map(LayerHelpers::thawed).forEach(LayerHelpers::enable);
    }
    return (int) Stream.of(layers).filter(layer -> layer.getHelper() != null).count();
  }

  private static Layer thawed(Layer layer) {
    return layer instanceof FrozenLayer frozen ? thawed(frozen.getUnderlying()) : layer;
  }

  private static void enable(Layer layer) {
    if (layer.getHelper() == null) {
      helper(layer).ifPresent(helper -> set(layer, helper));
    }
  }

  /** By exact class: DL4J's other kinds of convolution, and this library's, extend these. */
  private static Optional<LayerHelper> helper(Layer layer) {
    if (layer.getClass() == ConvolutionLayer.class) {
      return Optional.<LayerHelper>of(new OneDnnConvolution())
          .filter(helper -> isFloat(layer))
          .filter(helper -> OneDnnConvolution.suits(((ConvolutionLayer) layer).layerConf()));
    }
    if (layer.getClass() == BatchNormalization.class) {
      return Optional.<LayerHelper>of(new OneDnnBatchNorm())
          .filter(helper -> isFloat(layer))
          .filter(helper -> OneDnnBatchNorm.suits(((BatchNormalization) layer).layerConf()));
    }
    return Optional.empty();
  }

  private static boolean isFloat(Layer layer) {
    return layer.params().dataType() == DataType.FLOAT;
  }

  /** DL4J sets this field of a layer itself, and only as the layer is made. */
  private static void set(Layer layer, LayerHelper helper) {
    try {
      Field field = layer.getClass().getDeclaredField("helper");
      field.setAccessible(true);
      field.set(layer, helper);
    } catch (ReflectiveOperationException unknown) {
      throw new IllegalStateException(
          layer.getClass() + " of this version of DL4J is not known: it takes no helper", unknown);
    }
  }
}
