package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.samediff.SameDiffKernelDNAConvolution;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs {@link SameDiffKernelDNAConvolution}: as DL4J does, but with right gradients and dropout.
 */
public class SameDiffKernelDNAConvolutionImpl extends SameDiffLayer {

  public SameDiffKernelDNAConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    InputShape.requireSamples(layerConf().getLayerName(), input);
    applyDropOutIfNecessary(training, workspaces);
    return super.activate(training, workspaces);
  }

  /**
   * DL4J 1.0.0-M2.1 adds the gradient of the output to itself, so it gets half of it. A statistic
   * is a constant to the layer, so its gradient is 0: no norm may count it.
   */
  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    KernelDNAConvolution convolution =
        ((SameDiffKernelDNAConvolution) layerConf()).getConvolution();
    Pair<Gradient, INDArray> gradients = super.backpropGradient(epsilon.mul(0.5), workspaces);
    gradients
        .getFirst()
        .gradientForVariable()
        .forEach(
            (key, gradient) -> {
              if (convolution.isStatistic(key)) {
                gradient.assign(0);
              }
            });
    if (dropoutApplied) {
      backpropDropOutIfPresent(gradients.getSecond());
    }
    return gradients;
  }
}
