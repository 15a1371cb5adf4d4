package org.kerneldna.graph;

import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.Embedding;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.LocalResponseNorm;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Operation.Upsample;

/**
 * A visitor that treats most operations alike. Backends, which must miss none, implement {@link
 * Operation.Visitor} itself.
 */
public abstract class SomeOperations<R> implements Operation.Visitor<R> {

  /** Visits an operation whose own method is not overridden. */
  protected abstract R other(Operation op, Node node);

  @Override
  public R parameter(Parameter op, Node node) {
    return other(op, node);
  }

  @Override
  public R convolution(Convolution op, Node node) {
    return other(op, node);
  }

  @Override
  public R deconvolution(Deconvolution op, Node node) {
    return other(op, node);
  }

  @Override
  public R linear(Linear op, Node node) {
    return other(op, node);
  }

  @Override
  public R embedding(Embedding op, Node node) {
    return other(op, node);
  }

  @Override
  public R batchNorm(BatchNorm op, Node node) {
    return other(op, node);
  }

  @Override
  public R layerNorm(LayerNorm op, Node node) {
    return other(op, node);
  }

  @Override
  public R affine(Affine op, Node node) {
    return other(op, node);
  }

  @Override
  public R arithmetic(Arithmetic op, Node node) {
    return other(op, node);
  }

  @Override
  public R activate(Activate op, Node node) {
    return other(op, node);
  }

  @Override
  public R softmax(Softmax op, Node node) {
    return other(op, node);
  }

  @Override
  public R pool(Pool op, Node node) {
    return other(op, node);
  }

  @Override
  public R reduce(Reduce op, Node node) {
    return other(op, node);
  }

  @Override
  public R concat(Concat op, Node node) {
    return other(op, node);
  }

  @Override
  public R slice(Slice op, Node node) {
    return other(op, node);
  }

  @Override
  public R pad(Pad op, Node node) {
    return other(op, node);
  }

  @Override
  public R upsample(Upsample op, Node node) {
    return other(op, node);
  }

  @Override
  public R spaceToDepth(SpaceToDepth op, Node node) {
    return other(op, node);
  }

  @Override
  public R localResponseNorm(LocalResponseNorm op, Node node) {
    return other(op, node);
  }

  @Override
  public R transpose(Transpose op, Node node) {
    return other(op, node);
  }

  @Override
  public R reshape(Reshape op, Node node) {
    return other(op, node);
  }

  @Override
  public R dropout(Dropout op, Node node) {
    return other(op, node);
  }

  @Override
  public R opaque(Opaque op, Node node) {
    return other(op, node);
  }
}
