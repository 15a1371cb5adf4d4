package org.kerneldna.layers.peer;

import java.util.List;
import java.util.Map;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.layers.dynamic.KernelDerivation;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Another derivation than KernelDNA's: the parent W and a second kernel V, mixed for each sample.
 *
 * <pre>kernel = a0 * W + a1 * V,   a = softmax(R . mean(x))</pre>
 */
final class Mixture implements KernelDerivation {

  private static final String SECOND = "V";
  private static final String ROUTER = "R";

  private final boolean channelsLast;
  private final Parameter second;
  private final Parameter router;

  Mixture(CNN2DFormat format, long nIn, long nOut, int... kernelSize) {
    this.channelsLast = format == CNN2DFormat.NHWC;
    this.second = new Parameter(SECOND, Role.WEIGHT, nOut, nIn, kernelSize[0], kernelSize[1]);
    this.router = new Parameter(ROUTER, Role.WEIGHT, 2, nIn);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(second, router);
  }

  @Override
  public Derived forward(INDArray parent, INDArray x, Pass pass) {
    INDArray means = pass.keep(channelsLast ? x.mean(1, 2) : x.mean(2, 3));
    INDArray shares = pass.keep(Transforms.softmax(means.mmul(pass.param(ROUTER).transpose())));
    INDArray both = pass.keep(Nd4j.vstack(row(parent), row(pass.param(SECOND))));
    INDArray kernel = pass.keep(shares.mmul(both).reshape(perSample(parent)));
    return new Mixed(x, means, shares, both, kernel);
  }

  private static INDArray row(INDArray kernel) {
    return kernel.reshape(1, kernel.length());
  }

  private static long[] perSample(INDArray kernel) {
    return new long[] {-1, kernel.size(0), kernel.size(1), kernel.size(2), kernel.size(3)};
  }

  @RequiredArgsConstructor
  private final class Mixed implements Derived {

    private final INDArray x;
    private final INDArray means;
    private final INDArray shares;
    private final INDArray both;
    private final INDArray kernel;

    @Override
    public INDArray kernel() {
      return kernel;
    }

    @Override
    public INDArray backward(
        INDArray gradKernel, INDArray gradParent, Map<String, INDArray> gradients, Pass pass) {
      INDArray grad = gradKernel.reshape(gradKernel.size(0), -1);
      INDArray gradBoth = shares.transpose().mmul(grad);
      gradParent.assign(gradBoth.getRow(0).reshape(gradParent.shape()));
      INDArray gradSecond = gradients.get(SECOND);
      gradSecond.assign(gradBoth.getRow(1).reshape(gradSecond.shape()));

      INDArray gradShares = grad.mmul(both.transpose());
      INDArray mean = gradShares.mul(shares).sum(true, 1);
      INDArray gradLogits = gradShares.subColumnVector(mean).mul(shares);
      gradients.get(ROUTER).assign(gradLogits.transpose().mmul(means));
      INDArray gradMeans = gradLogits.mmul(pass.param(ROUTER));
      long positions = x.length() / gradMeans.length();
      long[] perChannel =
          channelsLast
              ? new long[] {x.size(0), 1, 1, x.size(3)}
              : new long[] {x.size(0), x.size(1), 1, 1};
      return gradMeans.div(positions).reshape(perChannel).broadcast(x.shape());
    }
  }

  @Override
  public SDVariable define(
      SDVariable parent, SDVariable x, Map<String, SDVariable> params, boolean training) {
    SameDiff sd = x.getSameDiff();
    SDVariable means = channelsLast ? x.mean(1, 2) : x.mean(2, 3);
    SDVariable shares = sd.nn.softmax(sd.mmul(means, sd.permute(params.get(ROUTER), 1, 0)), 1);
    SDVariable both =
        sd.concat(0, sd.reshape(parent, 1, -1), sd.reshape(params.get(SECOND), 1, -1));
    long[] shape = second.shape();
    return sd.reshape(sd.mmul(shares, both), -1, shape[0], shape[1], shape[2], shape[3]);
  }

  @Override
  public String read(String parent, String x, Reading reading) {
    String means = reading.add("means", new Reduce(Reduce.Kind.MEAN, false, 2, 3), x);
    String logits = reading.add("logits", new Linear(false), means, router.read(reading));
    String shares = reading.add("shares", new Softmax(1), logits);
    return reading.add(
        "kernel",
        new Arithmetic(Arithmetic.Kind.ADD),
        part(shares, 0, parent, reading),
        part(shares, 1, second.read(reading), reading));
  }

  private static String part(String shares, int index, String kernel, Reading reading) {
    String share = reading.add("share", new Slice(1, index, index + 1), shares);
    Operation perSample = new Reshape(0, 1, 1, 1, 1);
    return reading.add(
        "part",
        new Arithmetic(Arithmetic.Kind.MULTIPLY),
        reading.add("per-sample", perSample, share),
        kernel);
  }
}
