package org.kerneldna.layers.impl;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Conv2d;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checks of layers' inputs; every error names the layer. */
final class InputShape {

  private InputShape() {}

  /**
   * Checks that {@code x} has samples.
   *
   * @throws DL4JInvalidInputException if it has none
   */
  static void requireSamples(String layerName, INDArray x) {
    if (x.isEmpty()) {
      throw new DL4JInvalidInputException(
          String.format(
              "Layer \"%s\" got an empty batch, of shape %s; give at least one sample",
              layerName, Arrays.toString(x.shape())));
    }
  }

  /**
   * Checks that {@code x} is [N, C, H, W], or channels last, with {@code expected} channels.
   *
   * @throws DL4JInvalidInputException if it is not
   */
  static void requireImages(String layerName, INDArray x, Channels channels, long expected) {
    requireSamples(layerName, x);
    if (x.rank() != 4) {
      throw invalid(layerName, x, channels, expected);
    }
    requireChannels(layerName, x, channels, expected);
  }

  /**
   * Checks that {@code x} is [N, C] or [N, C, H, W], or channels last, with {@code expected}
   * channels.
   *
   * @throws DL4JInvalidInputException if it is not
   */
  static void requireChannels(String layerName, INDArray x, Channels channels, long expected) {
    requireSamples(layerName, x);
    if ((x.rank() != 4 && x.rank() != 2) || channels.count(x) != expected) {
      throw invalid(layerName, x, channels, expected);
    }
  }

  /**
   * Checks that {@code kernel} is one for all samples of {@code x}, or one for each.
   *
   * @throws DL4JInvalidInputException if it is not a kernel of {@code conf}
   */
  static void requireKernel(ConvolutionLayer conf, INDArray x, INDArray kernel) {
    int[] size = conf.getKernelSize();
    int first = Conv2d.isPerSample(kernel) ? 1 : 0;
    if (kernel.rank() != first + 4
        || first == 1 && kernel.size(0) != x.size(0)
        || kernel.size(first) != conf.getNOut()
        || kernel.size(first + 2) != size[0]
        || kernel.size(first + 3) != size[1]) {
      throw new DL4JInvalidInputException(
          String.format(
              "Convolution \"%s\" takes a kernel [%d, nIn, %d, %d], or one for each of %d samples;"
                  + " got shape %s",
              conf.getLayerName(),
              conf.getNOut(),
              size[0],
              size[1],
              x.size(0),
              Arrays.toString(kernel.shape())));
    }
  }

  private static DL4JInvalidInputException invalid(
      String layerName, INDArray x, Channels channels, long expected) {
    return new DL4JInvalidInputException(
        String.format(
            "Layer \"%s\" takes activations with %d channels in layout %s, got shape %s",
            layerName, expected, channels.format(), Arrays.toString(x.shape())));
  }
}
