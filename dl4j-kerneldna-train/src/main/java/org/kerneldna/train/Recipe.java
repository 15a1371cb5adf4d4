package org.kerneldna.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import lombok.Builder;
import lombok.With;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.MomentumSgd;
import org.kerneldna.layers.adapt.AdaptersOnly;
import org.kerneldna.train.data.Augmentation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/**
 * How a network is trained. The learning rate warms up linearly and then falls along a cosine.
 *
 * <pre>{@code
 * Recipe recipe = Recipe.of("resnet18").toBuilder().batchSize(64).lr(0.025).build();
 * }</pre>
 *
 * @param epochs passes over the training images, warm-up included. Default: 90
 * @param warmupEpochs epochs of rising learning rate. Default: 0
 * @param schedule how often the learning rate changes. Default: every epoch
 * @param lr the highest learning rate. Default: 0.1
 * @param etaMin where the cosine ends. Default: 0
 * @param optimizer what makes steps of gradients. Default: SGD
 * @param momentum of SGD; beta1 of AdamW. Default: 0.9
 * @param nesterov whether momentum is Nesterov's, as PyTorch's SGD has it. Default: false
 * @param weightDecay how strongly parameters are drawn to 0. Default: 1e-4
 * @param excludeNormsAndBiases whether normalisations and biases are spared weight decay. Default:
 *     false
 * @param batchSize images a step. Default: 256
 * @param accumulate into how many parts a step's images are divided, which are in memory one after
 *     the other; batch normalisation sees one part at a time. Default: 1
 * @param labelSmoothing share of the labels that spreads evenly over all classes. Default: 0
 * @param emaDecay how much of a running mean of the parameters stays at a step, at most: after n
 *     steps it is {@code min(emaDecay, (1 + n) / (10 + n))}. That mean is then evaluated, and saved
 *     as the best network. Default: 0, no mean
 * @param clipNorm the longest gradient, by the Euclidean norm of all of it together. Default: 0,
 *     any
 * @param dropPath probability that an image skips the last residual branch; earlier ones in
 *     proportion to their depth (stochastic depth, arXiv 1603.09382). Default: 0
 * @param patience epochs without a better top-1 after which training ends early. Default: 0, none
 * @param augmentation of training images, beside cropping and flipping. Default: none
 * @param seed of initialisation, order and augmentation. Default: 0
 * @param adaptersOnly whether only modulation, gates, normalisations and the classifier learn.
 *     Default: false
 */
@With
@Builder(toBuilder = true)
@JsonDeserialize(builder = Recipe.RecipeBuilder.class)
public record Recipe(
    int epochs,
    int warmupEpochs,
    Pace schedule,
    double lr,
    double etaMin,
    Optimizer optimizer,
    double momentum,
    boolean nesterov,
    double weightDecay,
    boolean excludeNormsAndBiases,
    int batchSize,
    int accumulate,
    double labelSmoothing,
    double emaDecay,
    double clipNorm,
    double dropPath,
    int patience,
    Augmentation augmentation,
    long seed,
    boolean adaptersOnly) {

  private static final double ADAM_BETA2 = 0.999;
  private static final double ADAM_EPSILON = 1e-8;

  /** How often the learning rate changes. */
  public enum Pace {
    /** Every epoch, as the paper's code has it. */
    @JsonProperty("epoch")
    EPOCH,
    /** Every step. */
    @JsonProperty("step")
    STEP
  }

  /** What makes steps of gradients. */
  public enum Optimizer {
    /** Gradient descent with momentum; weight decay is part of the gradient. */
    @JsonProperty("sgd")
    SGD,
    /** Adam with weight decay beside it (arXiv 1711.05101); beta2 0.999, epsilon 1e-8. */
    @JsonProperty("adamw")
    ADAMW
  }

  /** Starts with the defaults. */
  @JsonPOJOBuilder(withPrefix = "")
  public static class RecipeBuilder {
    private int epochs = 90;
    private Pace schedule = Pace.EPOCH;
    private double lr = 0.1;
    private Optimizer optimizer = Optimizer.SGD;
    private double momentum = 0.9;
    private double weightDecay = 1e-4;
    private int batchSize = 256;
    private int accumulate = 1;
    private Augmentation augmentation = Augmentation.NONE;
  }

  /**
   * @throws IllegalArgumentException for a value that cannot be trained with; it names the value
   *     and what can be used
   */
  public Recipe {
    require(epochs > 0, "epochs", epochs, "at least 1");
    require(
        0 <= warmupEpochs && warmupEpochs < epochs,
        "warm-up epochs",
        warmupEpochs,
        "0 to " + (epochs - 1));
    require(schedule != null, "schedule", schedule, "epoch or step");
    require(lr > 0 && lr < Double.POSITIVE_INFINITY, "learning rate", lr, "more than 0");
    require(0 <= etaMin && etaMin <= lr, "eta-min", etaMin, "0 to the learning rate, " + lr);
    require(optimizer != null, "optimizer", optimizer, "sgd or adamw");
    requireShare("momentum", momentum);
    require(
        !nesterov || optimizer == Optimizer.SGD && momentum > 0,
        "nesterov",
        nesterov,
        "false, or optimizer sgd with a momentum of more than 0");
    requireNotNegative("weight decay", weightDecay);
    require(
        batchSize > 1,
        "batch size",
        batchSize,
        "at least 2, for batch normalisation needs several images");
    require(
        accumulate > 0 && batchSize % accumulate == 0 && batchSize / accumulate > 1,
        "accumulate",
        accumulate,
        "a divisor of the batch size, " + batchSize + ", that leaves parts of at least 2 images");
    requireShare("label smoothing", labelSmoothing);
    requireShare("EMA decay", emaDecay);
    requireNotNegative("clip norm", clipNorm);
    requireShare("drop path", dropPath);
    requireNotNegative("patience", patience);
    require(augmentation != null, "augmentation", augmentation, "a mapping, or leave it out");
  }

  private static void requireShare(String name, double value) {
    require(0 <= value && value < 1, name, value, "0 or more and less than 1");
  }

  private static void requireNotNegative(String name, Number value) {
    double number = value.doubleValue();
    require(0 <= number && number < Double.POSITIVE_INFINITY, name, value, "0 or more");
  }

  private static void require(boolean usable, String name, Object value, String remedy) {
    if (!usable) {
      throw new IllegalArgumentException(name + " " + value + " cannot be used: give " + remedy);
    }
  }

  /**
   * The recipe of the paper's code for ImageNet, by name of the architecture. ConvNeXt's stochastic
   * depth is torchvision's.
   */
  public static Recipe of(String architecture) {
    return switch (architecture) {
      case "resnet18" -> builder().build();
      case "resnet50" -> builder().epochs(300).warmupEpochs(20).build();
      case "convnext_tiny" -> light().dropPath(0.1).build();
      default -> light().build();
    };
  }

  private static RecipeBuilder light() {
    return builder().epochs(150).lr(0.05).weightDecay(4e-5);
  }

  /** Images that are in memory at once. */
  public int microBatchSize() {
    return batchSize / accumulate;
  }

  /** The seed of the first parameters; never 0, which to ND4J means the time of day. */
  public long initialSeed() {
    return seedAt(-1);
  }

  /** The seed of an epoch's order and augmentation, counted from 0. */
  public long seedAt(int epoch) {
    return new Random(new Random(seed).nextLong() + epoch).nextLong();
  }

  /** The seed of a step's dropout and the like, both counted from 0. */
  public long seedAt(int epoch, int step) {
    return new Random(seedAt(epoch) + step).nextLong();
  }

  /**
   * The learning rate.
   *
   * @param stepsPerEpoch of no matter if it changes with the epoch
   */
  public WarmupCosineSchedule learningRate(int stepsPerEpoch) {
    int steps = schedule == Pace.STEP ? stepsPerEpoch : 0;
    return new WarmupCosineSchedule(lr, epochs, warmupEpochs, etaMin, steps);
  }

  /**
   * A new updater with this recipe's learning rates. If they change with every step, {@link #pace}
   * is to tell it how many an epoch has.
   */
  public IUpdater updater() {
    WarmupCosineSchedule rate = learningRate(0);
    return switch (optimizer) {
      case SGD -> new MomentumSgd(rate, momentum, nesterov);
      case ADAMW ->
          Adam.builder()
              .learningRateSchedule(rate)
              .beta1(momentum)
              .beta2(ADAM_BETA2)
              .epsilon(ADAM_EPSILON)
              .build();
    };
  }

  /**
   * Tells a graph how many steps an epoch has.
   *
   * @param graph one that learns by this recipe
   */
  public void pace(ComputationGraph graph, int stepsPerEpoch) {
    for (Layer layer : graph.getLayers()) {
      // What is frozen has plain SGD with a rate of 0.
      if (layer.conf().getLayer() instanceof BaseLayer conf
          && !(conf.getIUpdater() instanceof Sgd)) {
        conf.getIUpdater().setLrAndSchedule(Double.NaN, learningRate(stepsPerEpoch));
      }
    }
  }

  /**
   * Makes a graph learn by this recipe from its first epoch on: nothing stays of the way it learned
   * before, such as momentum.
   */
  public void applyTo(ComputationGraph graph) {
    for (Layer layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof BaseLayer conf) {
        conf.setIUpdater(updater());
        conf.setBiasUpdater(null);
        conf.setRegularization(listed(excludeNormsAndBiases ? ofKernels() : decay()));
        conf.setRegularizationBias(listed(excludeNormsAndBiases ? null : decay()));
      }
    }
    graph.getConfiguration().setIterationCount(0);
    graph.getConfiguration().setEpochCount(0);
    graph.setUpdater(null);
    if (adaptersOnly) {
      AdaptersOnly.on(graph);
    }
  }

  private static List<Regularization> listed(Regularization regularization) {
    // A list that can be changed, as DL4J's own are.
    return regularization == null ? new ArrayList<>() : new ArrayList<>(List.of(regularization));
  }

  private Regularization ofKernels() {
    return weightDecay == 0 ? null : new KernelRegularization(decay());
  }

  private Regularization decay() {
    if (weightDecay == 0) {
      return null;
    }
    return optimizer == Optimizer.ADAMW
        ? new WeightDecay(weightDecay, true)
        : new L2Regularization(weightDecay);
  }
}
