package org.kerneldna.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.arbiter.optimize.parameter.FixedValue;
import org.kerneldna.sweep.search.Against;
import org.kerneldna.sweep.search.Search;
import org.kerneldna.sweep.search.Search.By;
import org.kerneldna.sweep.search.SuccessiveHalving;
import org.kerneldna.sweep.space.KernelDNASpace;
import org.kerneldna.sweep.space.SpaceReader;
import org.kerneldna.sweep.trial.Training;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Yaml;

/**
 * What a sweep does. As YAML:
 *
 * <pre>
 * data: fashion-mini
 * space:
 *   gate_ratio: [2, 4, 8]
 *   lr: {min: 0.003, max: 0.3, scale: log}
 *   epochs: 9
 * search: random
 * halving: {min_epochs: 1, eta: 3}
 * against: parameters
 * candidates: 20
 * </pre>
 *
 * @param data folder with {@code train/<class>/*} and {@code val/<class>/*}. Default: fashion-mini,
 *     images that come with this program
 * @param imageSize side of the square images, in pixels. Default: 28 for fashion-mini, else 224
 * @param smallStem whether the networks' first convolution is for small images. Default: true for
 *     fashion-mini, else false
 * @param seed of candidates, first parameters, order and augmentation. Default: 0
 * @param space what is searched, see {@link SpaceReader}
 * @param search how candidates are drawn. Default: random
 * @param halving which candidates are trained to the end. Default: null, all
 * @param against what top-1 is weighed against. Default: null, nothing
 * @param candidates how many are drawn at most; null if hours or the grid limit them
 * @param hours after which no training is started any more; null if there is no such limit
 * @param parallel how many candidates are trained at a time, each by its share of the processors.
 *     Default: 1
 * @param timeoutMinutes after which a candidate has failed of which no step of training and no
 *     batch of evaluation has come to its end for so long. Default: 60
 */
public record SweepConfig(
    String data,
    Integer imageSize,
    Boolean smallStem,
    Long seed,
    Map<String, Object> space,
    Search search,
    Halving halving,
    Against against,
    Integer candidates,
    Double hours,
    Integer parallel,
    Double timeoutMinutes) {

  /** Minutes that no step of a healthy training takes, nor finding its images. */
  private static final double TIMEOUT_MINUTES = 60;

  private static final int MAX_TIMEOUT_MINUTES = 30_000;

  /**
   * Successive halving.
   *
   * @param minEpochs of every candidate. Default: 1
   * @param eta one in so many goes on, to so many times the epochs. Default: 3
   */
  public record Halving(Integer minEpochs, Integer eta) {
    public Halving {
      minEpochs = Objects.requireNonNullElse(minEpochs, 1);
      eta = Objects.requireNonNullElse(eta, 3);
    }
  }

  /**
   * @throws IllegalArgumentException for values that cannot be used, alone or together
   * @throws InputException if the space cannot be read
   */
  public SweepConfig {
    data = Objects.requireNonNullElse(data, Training.FASHION_MINI);
    boolean small = data.equals(Training.FASHION_MINI);
    imageSize = Objects.requireNonNullElse(imageSize, small ? 28 : 224);
    smallStem = Objects.requireNonNullElse(smallStem, small);
    seed = Objects.requireNonNullElse(seed, 0L);
    space = Objects.requireNonNullElse(space, Map.of());
    search = Objects.requireNonNullElse(search, new Search(By.RANDOM));
    parallel = Objects.requireNonNullElse(parallel, 1);
    timeoutMinutes = Objects.requireNonNullElse(timeoutMinutes, TIMEOUT_MINUTES);
    require(candidates == null || candidates >= 1, "candidates is " + candidates, "at least 1");
    require(hours == null || isLength(hours), "hours is " + hours, "more than 0");
    require(parallel >= 1, "parallel is " + parallel, "at least 1");
    require(
        isLength(timeoutMinutes) && timeoutMinutes <= MAX_TIMEOUT_MINUTES,
        "timeout_minutes is " + timeoutMinutes,
        "more than 0 and at most " + MAX_TIMEOUT_MINUTES);
    require(
        candidates != null || hours != null || search.by() == By.GRID,
        "nothing ends the sweep",
        "candidates, hours or both");
    require(
        against == null || search.by() != By.GENETIC,
        "the genetic search has one objective",
        "another search, or leave out against");
    require(
        against != Against.LATENCY || parallel == 1,
        "latency cannot be measured while others train",
        "parallel: 1");
  }

  /** With the default of {@code timeoutMinutes}. */
  public SweepConfig(
      String data,
      Integer imageSize,
      Boolean smallStem,
      Long seed,
      Map<String, Object> space,
      Search search,
      Halving halving,
      Against against,
      Integer candidates,
      Double hours,
      Integer parallel) {
    this(
        data,
        imageSize,
        smallStem,
        seed,
        space,
        search,
        halving,
        against,
        candidates,
        hours,
        parallel,
        null);
  }

  private static boolean isLength(double time) {
    return 0 < time && time < Double.POSITIVE_INFINITY;
  }

  private static void require(boolean usable, String what, String remedy) {
    if (!usable) {
      throw new IllegalArgumentException(what + ": give " + remedy);
    }
  }

  /**
   * Reads a YAML file, and checks it.
   *
   * @throws InputException naming the file and what in it cannot be used
   */
  public static SweepConfig read(Path file) {
    try {
      JsonNode root = Yaml.parse(Files.readString(file));
      if (root.isMissingNode() || root.isNull()) {
        throw new InputException("it is empty: give at least space and candidates");
      }
      SweepConfig config = Yaml.read(root, SweepConfig.class);
      config.validate();
      return config;
    } catch (InputException | IllegalArgumentException e) {
      throw new InputException(file + " cannot be used: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: give the sweep's configuration", e);
    }
  }

  private void validate() {
    parameterSpace();
    successiveHalving();
  }

  /**
   * A new space of candidates.
   *
   * @throws InputException naming the key that cannot be used
   */
  public KernelDNASpace parameterSpace() {
    return SpaceReader.read(space);
  }

  /**
   * The rungs, if there are any.
   *
   * @throws IllegalArgumentException if they do not fit the epochs
   */
  public Optional<SuccessiveHalving> successiveHalving() {
    if (halving == null) {
      return Optional.empty();
    }
    if (!(parameterSpace().getEpochs() instanceof FixedValue<Integer> epochs)) {
      throw new IllegalArgumentException(
          "halving needs one number of epochs, those of its last rung: give space one");
    }
    return Optional.of(
        SuccessiveHalving.of(halving.minEpochs(), halving.eta(), (Integer) epochs.getValue()));
  }

  /** Whether a sweep by the one can go on by the other: limits may differ. */
  public boolean continues(SweepConfig other) {
    return withoutLimits().equals(other.withoutLimits())
        && parameterSpace().equals(other.parameterSpace());
  }

  private SweepConfig withoutLimits() {
    return new SweepConfig(
        data, imageSize, smallStem, seed, null, search, halving, against, 1, null, 1);
  }
}
