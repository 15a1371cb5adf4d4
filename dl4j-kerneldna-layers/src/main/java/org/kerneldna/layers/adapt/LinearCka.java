package org.kerneldna.layers.adapt;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Linear centred kernel alignment, a similarity of two sets of features of the same N examples
 * (Kornblith et al., arXiv 1905.00414):
 *
 * <pre>CKA = &lt;K, L&gt; / (|K| |L|),   K = X Xᵀ, L = Y Yᵀ, the columns of X and Y centred</pre>
 *
 * with Frobenius products and norms. It is between 0 and 1, and does not change under an orthogonal
 * transformation or a scaling of either set. The features may differ in number; the Gram matrices
 * are [N, N]. Where N is far below the number of features, all features look alike: take hundreds
 * of examples.
 */
public final class LinearCka {

  private LinearCka() {}

  /** The similarity of features {@code x} [N, ...] and {@code y} [N, ...]. */
  public static double similarity(INDArray x, INDArray y) {
    return ofGrams(gram(x), gram(y));
  }

  /** The Gram matrix [N, N] of features [N, ...], centred; DOUBLE. */
  public static INDArray gram(INDArray features) {
    // The products of HALF features soon exceed the greatest HALF, 65504.
    DataType type = features.dataType() == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
    INDArray rows = features.castTo(type).dup('c').reshape(features.size(0), -1);
    rows.subiRowVector(rows.mean(0));
    return rows.mmul(rows.transpose()).castTo(DataType.DOUBLE);
  }

  /** The similarity of the features with these Gram matrices; 0 if one of them is constant. */
  public static double ofGrams(INDArray k, INDArray l) {
    double norms = k.norm2Number().doubleValue() * l.norm2Number().doubleValue();
    return norms == 0 ? 0 : k.mul(l).sumNumber().doubleValue() / norms;
  }
}
