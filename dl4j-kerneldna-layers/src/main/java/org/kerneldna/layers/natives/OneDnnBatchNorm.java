package org.kerneldna.layers.natives;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.math.Dense;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's helper of a batch normalisation, for images that lie in memory in any way. The layer
 * itself normalises what is not an image.
 */
final class OneDnnBatchNorm extends MKLDNNBatchNormHelper {

  /** Whether the last pass normalised by the batch. */
  private boolean byBatch;

  OneDnnBatchNorm() {
    super(DataType.FLOAT);
  }

  /** Whether it computes {@code conf} right: it has no fixed gamma and beta. */
  static boolean suits(BatchNormalization conf) {
    return !conf.isLockGammaBeta();
  }

  @Override
  public INDArray preOutput(
      INDArray x,
      boolean training,
      long[] shape,
      INDArray gamma,
      INDArray beta,
      INDArray mean,
      INDArray variance,
      double decay,
      double eps,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    int channels = format == CNN2DFormat.NCHW ? 1 : 3;
    boolean image = x.size(channels) == mean.length(); // DL4J gives [N, C] as [N, C, 1, 1] always.
    byBatch = image && training;
    return image
        ? super.preOutput(
            Dense.of(x),
            training,
            shape,
            gamma,
            beta,
            mean,
            variance,
            decay,
            eps,
            format,
            workspaceMgr)
        : null;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray input,
      INDArray epsilon,
      long[] shape,
      INDArray gamma,
      INDArray beta,
      INDArray gammaGradient,
      INDArray betaGradient,
      double eps,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaceMgr) {
    return byBatch && input.rank() == 4
        ? super.backpropGradient(
            Dense.of(input),
            Dense.of(epsilon),
            shape,
            gamma,
            beta,
            gammaGradient,
            betaGradient,
            eps,
            format,
            workspaceMgr)
        : null;
  }

  /**
   * The layer asks for the mean when it computes the gradient itself.
   *
   * @throws IllegalStateException if the last pass was not one of training
   */
  @Override
  public INDArray getMeanCache(DataType dataType) {
    if (!byBatch) {
      throw new IllegalStateException(
          "DL4J's batch normalisation has no gradient after a pass of inference");
    }
    return super.getMeanCache(dataType);
  }
}
