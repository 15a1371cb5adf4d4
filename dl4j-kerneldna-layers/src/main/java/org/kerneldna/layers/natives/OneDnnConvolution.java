package org.kerneldna.layers.natives;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.AlgoMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdDataAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdFilterAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.FwdAlgo;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.math.Dense;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's helper of a 2d convolution, for arrays that lie in memory in any way. ND4J's {@code
 * conv2d} tells oneDNN that channels last lie in C order, whatever the strides.
 */
final class OneDnnConvolution extends MKLDNNConvHelper {

  private static final Set<ConvolutionMode> MODES =
      EnumSet.of(ConvolutionMode.Strict, ConvolutionMode.Truncate, ConvolutionMode.Same);

  OneDnnConvolution() {
    super(DataType.FLOAT);
  }

  /** Whether it computes {@code conf} right: of a dilated one ND4J makes no oneDNN primitive. */
  static boolean suits(ConvolutionLayer conf) {
    return MODES.contains(conf.getConvolutionMode())
        && Arrays.stream(conf.getDilation()).allMatch(dilation -> dilation == 1);
  }

  @Override
  public INDArray preOutput(
      INDArray input,
      INDArray weights,
      INDArray bias,
      int[] kernel,
      int[] strides,
      int[] pad,
      AlgoMode algoMode,
      FwdAlgo fwdAlgo,
      ConvolutionMode convolutionMode,
      int[] dilation,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    return super.preOutput(
        Dense.of(input),
        Dense.of(weights),
        bias,
        kernel,
        strides,
        pad,
        algoMode,
        fwdAlgo,
        convolutionMode,
        dilation,
        format,
        workspaceMgr);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray input,
      INDArray weights,
      INDArray bias,
      INDArray delta,
      int[] kernel,
      int[] strides,
      int[] pad,
      INDArray biasGradView,
      INDArray weightGradView,
      IActivation activation,
      AlgoMode algoMode,
      BwdFilterAlgo bwdFilterAlgo,
      BwdDataAlgo bwdDataAlgo,
      ConvolutionMode convolutionMode,
      int[] dilation,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    return super.backpropGradient(
        Dense.of(input),
        Dense.of(weights),
        bias,
        Dense.of(delta),
        kernel,
        strides,
        pad,
        biasGradView,
        weightGradView,
        activation,
        algoMode,
        bwdFilterAlgo,
        bwdDataAlgo,
        convolutionMode,
        dilation,
        format,
        workspaceMgr);
  }
}
