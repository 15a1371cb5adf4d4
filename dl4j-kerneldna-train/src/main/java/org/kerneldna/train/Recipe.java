package org.kerneldna.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.MomentumSgd;
import org.kerneldna.zoo.adapt.AdaptersOnly;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * How a network is trained: stochastic gradient descent with momentum, weight decay on every
 * parameter, and a learning rate that warms up linearly and then falls along a cosine.
 *
 * @param epochs passes over the training images, warm-up included
 * @param warmupEpochs epochs of rising learning rate
 * @param lr the highest learning rate
 * @param weightDecay added to the gradient, times the parameter
 * @param batchSize images a step
 * @param momentum of the descent
 * @param etaMin where the cosine ends
 * @param seed of initialisation, order and augmentation
 * @param adaptersOnly whether only modulation, gates, normalisations and the classifier learn
 */
public record Recipe(
    int epochs,
    int warmupEpochs,
    double lr,
    double weightDecay,
    int batchSize,
    double momentum,
    double etaMin,
    long seed,
    boolean adaptersOnly) {

  /**
   * @throws IllegalArgumentException for a value that cannot be trained with
   */
  public Recipe {
    require(epochs > 0, "epochs", epochs, "at least 1");
    require(
        0 <= warmupEpochs && warmupEpochs < epochs,
        "warm-up epochs",
        warmupEpochs,
        "0 to " + (epochs - 1));
    require(lr > 0, "learning rate", lr, "more than 0");
    require(weightDecay >= 0, "weight decay", weightDecay, "0 or more");
    require(
        batchSize > 1,
        "batch size",
        batchSize,
        "at least 2, for batch normalisation needs several images");
    require(0 <= momentum && momentum < 1, "momentum", momentum, "0 or more and less than 1");
    require(0 <= etaMin && etaMin <= lr, "eta-min", etaMin, "0 to the learning rate, " + lr);
  }

  /** A recipe by which everything learns. */
  public Recipe(
      int epochs,
      int warmupEpochs,
      double lr,
      double weightDecay,
      int batchSize,
      double momentum,
      double etaMin,
      long seed) {
    this(epochs, warmupEpochs, lr, weightDecay, batchSize, momentum, etaMin, seed, false);
  }

  private static void require(boolean usable, String name, Number value, String remedy) {
    if (!usable) {
      throw new IllegalArgumentException(name + " " + value + " cannot be used: give " + remedy);
    }
  }

  /** The recipe of the paper's code for ImageNet, by name of the architecture; seed 0. */
  public static Recipe of(String architecture) {
    return switch (architecture) {
      case "resnet18" -> new Recipe(90, 0, 0.1, 1e-4, 256, 0.9, 0, 0);
      case "resnet50" -> new Recipe(300, 20, 0.1, 1e-4, 256, 0.9, 0, 0);
      default -> new Recipe(150, 0, 0.05, 4e-5, 256, 0.9, 0, 0);
    };
  }

  /** The learning rate of an epoch, counted from 0. */
  public double lrAt(int epoch) {
    return schedule().valueAt(0, epoch);
  }

  /** The seed of the first parameters; never 0, which to ND4J means the time of day. */
  public long initialSeed() {
    return seedAt(-1);
  }

  /** The seed of an epoch's order, augmentation and dropout, counted from 0. */
  public long seedAt(int epoch) {
    return new Random(new Random(seed).nextLong() + epoch).nextLong();
  }

  /** A new updater with this recipe's learning rates and momentum. */
  public MomentumSgd updater() {
    return new MomentumSgd(schedule(), momentum);
  }

  /**
   * Makes a trained graph learn by this recipe from its first epoch on: nothing stays of the way it
   * learned before, such as momentum.
   */
  public void applyTo(ComputationGraph graph) {
    for (Layer layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof BaseLayer conf) {
        conf.setIUpdater(updater());
        conf.setBiasUpdater(null);
        conf.setRegularization(regularization());
        conf.setRegularizationBias(regularization());
      }
    }
    graph.getConfiguration().setIterationCount(0);
    graph.getConfiguration().setEpochCount(0);
    graph.setUpdater(null);
    if (adaptersOnly) {
      AdaptersOnly.on(graph);
    }
  }

  private List<Regularization> regularization() {
    return weightDecay > 0
        ? new ArrayList<>(List.of(new L2Regularization(weightDecay)))
        : new ArrayList<>();
  }

  private WarmupCosineSchedule schedule() {
    return new WarmupCosineSchedule(lr, epochs, warmupEpochs, etaMin);
  }
}
