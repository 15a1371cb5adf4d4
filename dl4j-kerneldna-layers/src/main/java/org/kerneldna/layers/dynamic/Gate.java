package org.kerneldna.layers.dynamic;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Normalization;
import org.kerneldna.layers.math.Normalization.Moments;
import org.kerneldna.layers.math.Ops;
import org.kerneldna.layers.math.Rectifier;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The squeeze-and-excitation gate by which a child routes its input (KernelDNA, arXiv 2503.23379,
 * dynamic routing):
 *
 * <pre>y = x * g,   g = sigmoid(W2 . relu(BN(W1 . mean(x))) + b2)</pre>
 *
 * with the mean over the positions. Parameters: {@code gateW1} [hidden, C], {@code gateGamma},
 * {@code gateBeta}, {@code gateMean}, {@code gateVar} [hidden], {@code gateW2} [C, hidden], {@code
 * gateB2} [C].
 */
public final class Gate implements Routing {

  public static final String W1 = "gateW1";
  public static final String GAMMA = "gateGamma";
  public static final String BETA = "gateBeta";
  public static final String MEAN = "gateMean";
  public static final String VARIANCE = "gateVar";
  public static final String W2 = "gateW2";
  public static final String B2 = "gateB2";

  /** What every gate's normalisation adds to the variance. */
  private static final double EPS = 1e-5;

  /** How much of the running statistics is left after a batch. */
  private static final double DECAY = 0.9;

  private final String layerName;
  private final List<Parameter> parameters;
  private final boolean frozenStatistics;
  private final Channels channels;
  private final Normalization normalization;

  /**
   * @param layerName for errors
   * @param inputs channels of the activations, C
   * @param ratio channels per hidden unit, of which there are C / ratio (integer division)
   * @param frozenStatistics whether training keeps the running statistics and normalises with them
   */
  public Gate(
      String layerName, CNN2DFormat format, long inputs, int ratio, boolean frozenStatistics) {
    this.layerName = layerName;
    long hidden = inputs / ratio;
    this.parameters =
        List.of(
            new Parameter(W1, Role.WEIGHT, hidden, inputs),
            new Parameter(GAMMA, Role.GAIN, hidden),
            new Parameter(BETA, Role.OFFSET, hidden),
            new Parameter(MEAN, Role.RUNNING_MEAN, hidden),
            new Parameter(VARIANCE, Role.RUNNING_VARIANCE, hidden),
            new Parameter(W2, Role.WEIGHT, inputs, hidden),
            new Parameter(B2, Role.BIAS, inputs));
    this.frozenStatistics = frozenStatistics;
    this.channels = new Channels(format);
    this.normalization = new Normalization(format, EPS, Rectifier.RELU);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  /**
   * Mean and biased variance of the hidden units, before they are normalised, over a batch.
   *
   * @param params by key
   */
  public Moments moments(INDArray x, Map<String, INDArray> params) {
    return normalization.moments(hidden(pooled(x), params.get(W1)));
  }

  /**
   * Gates {@code x}.
   *
   * @throws DL4JInvalidInputException if asked to train on a batch of one, whose statistics say
   *     nothing
   */
  @Override
  public Routed forward(INDArray x, Pass pass) {
    if (usesBatch(pass) && x.size(0) == 1) {
      throw new DL4JInvalidInputException(
          "Gate of layer \""
              + layerName
              + "\" cannot train on a batch of 1: its batch normalisation sees one value per"
              + " channel. Use a batch of 2 or more, drop an incomplete last batch, or freeze the"
              + " statistics");
    }
    INDArray pooled = pass.keep(pooled(x));
    INDArray hidden = pass.keep(hidden(pooled, pass.param(W1)));
    Moments moments = usesBatch(pass) ? normalization.moments(hidden) : running(pass);
    INDArray active = pass.keep(active(hidden, moments, pass));
    INDArray logits = Ops.product(active, pass.param(W2).transpose());
    channels.add(logits, pass.param(B2), logits);
    INDArray gate = pass.keep(Transforms.sigmoid(logits, false));
    INDArray output = channels.multiply(x, gate, pass.activations(x.shape()));
    return new Gated(x, pooled, hidden, moments, active, gate, output);
  }

  private INDArray pooled(INDArray x) {
    return channels.sumPerSample(x).div(positions(x));
  }

  private static INDArray hidden(INDArray pooled, INDArray w1) {
    return Ops.product(pooled, w1.transpose());
  }

  private INDArray active(INDArray hidden, Moments moments, Pass pass) {
    INDArray active = hidden.ulike();
    return normalization.forward(hidden, moments, pass.param(GAMMA), pass.param(BETA), active);
  }

  private double positions(INDArray x) {
    return (double) channels.samples(x) / x.size(0);
  }

  private boolean usesBatch(Pass pass) {
    return pass.training() && !frozenStatistics;
  }

  private static Moments running(Pass pass) {
    return Moments.of(pass.param(MEAN), pass.param(VARIANCE));
  }

  /** What was computed on the way: [N, C] and [N, hidden] arrays. */
  @RequiredArgsConstructor
  private final class Gated implements Routed {

    private final INDArray x;
    private final INDArray pooled;
    private final INDArray hidden;
    private final Moments moments;
    private final INDArray active;
    private final INDArray gate;
    private final INDArray output;

    @Override
    public INDArray output() {
      return output;
    }

    @Override
    public INDArray backward(INDArray gradOut, Map<String, INDArray> gradients, Pass pass) {
      INDArray gradGate = channels.sumOfProductsPerSample(gradOut, x);
      INDArray gradLogits = gradGate.mul(gate).muli(gate.rsub(1));
      channels.sum(gradLogits, gradients.get(B2));
      gradients.get(W2).assign(Ops.product(gradLogits.transpose(), active));

      INDArray gradHidden = hidden.ulike();
      normalization.backward(
          hidden,
          moments,
          usesBatch(pass),
          pass.param(GAMMA),
          pass.param(BETA),
          Ops.product(gradLogits, pass.param(W2)),
          gradHidden,
          gradients.get(GAMMA),
          gradients.get(BETA));
      gradients.get(W1).assign(Ops.product(gradHidden.transpose(), pooled));
      updateStatistics(gradients, pass);

      INDArray gradPooled = Ops.product(gradHidden, pass.param(W1)).divi(positions(x));
      return channels.scale(gradOut, gate, gradPooled, pass.gradient(x.shape()));
    }

    private void updateStatistics(Map<String, INDArray> gradients, Pass pass) {
      INDArray mean = gradients.get(MEAN);
      INDArray variance = gradients.get(VARIANCE);
      if (usesBatch(pass)) {
        Normalization.runningUpdate(running(pass), moments, DECAY, x.size(0), mean, variance);
      } else {
        mean.assign(0);
        variance.assign(0);
      }
    }
  }

  @Override
  public SDVariable define(SDVariable x, Map<String, SDVariable> params, boolean training) {
    SameDiff sd = x.getSameDiff();
    boolean channelsLast = channels.format() == CNN2DFormat.NHWC;
    SDVariable pooled = channelsLast ? x.mean(1, 2) : x.mean(2, 3);
    SDVariable normalised =
        standardise(product(pooled, params.get(W1)), params, training)
            .mul(params.get(GAMMA))
            .add(params.get(BETA));
    SDVariable active = sd.nn.relu(normalised, 0);
    SDVariable logits = product(active, params.get(W2)).add(params.get(B2));
    SDVariable gate = sd.nn.sigmoid(logits);
    return x.mul(
        channelsLast
            ? sd.expandDims(sd.expandDims(gate, 1), 1)
            : sd.expandDims(sd.expandDims(gate, 2), 3));
  }

  private static SDVariable product(SDVariable x, SDVariable weights) {
    SameDiff sd = x.getSameDiff();
    return sd.mmul(x, sd.permute(weights, 1, 0));
  }

  private SDVariable standardise(
      SDVariable hidden, Map<String, SDVariable> params, boolean training) {
    if (training && !frozenStatistics) {
      SDVariable centred = hidden.sub(hidden.mean(0));
      return centred.mul(inverseStd(centred.mul(centred).mean(0)));
    }
    return hidden.sub(params.get(MEAN)).mul(inverseStd(params.get(VARIANCE)));
  }

  /** Multiplied with, not divided by: SameDiff's gradient of a divisor of one element is wrong. */
  private static SDVariable inverseStd(SDVariable variance) {
    SameDiff sd = variance.getSameDiff();
    return sd.math.reciprocal(sd.math.sqrt(variance.add(EPS)));
  }

  @Override
  public String read(String x, Reading reading) {
    Map<String, String> params = new HashMap<>();
    parameters.forEach(p -> params.put(p.key(), p.read(reading)));
    String pooled = reading.add("mean", new Reduce(Reduce.Kind.MEAN, false, 2, 3), x);
    String hidden = reading.add("hidden", new Linear(false), pooled, params.get(W1));
    String normalised =
        reading.add(
            "normalised",
            new Operation.BatchNorm(EPS, frozenStatistics),
            hidden,
            params.get(GAMMA),
            params.get(BETA),
            params.get(MEAN),
            params.get(VARIANCE));
    String active = reading.add("active", new Activate(Nonlinearity.RELU), normalised);
    String logits = reading.add("logits", new Linear(true), active, params.get(W2), params.get(B2));
    String gate = reading.add("gate", new Activate(Nonlinearity.SIGMOID), logits);
    String perChannel = reading.add("factors", new Reshape(0, 0, 1, 1), gate);
    return reading.add(
        "gated", new Operation.Arithmetic(Operation.Arithmetic.Kind.MULTIPLY), x, perChannel);
  }
}
