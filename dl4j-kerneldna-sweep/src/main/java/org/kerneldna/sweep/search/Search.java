package org.kerneldna.sweep.search;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.math3.random.JDKRandomGenerator;
import org.apache.commons.math3.random.RandomGenerator;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.generator.GeneticSearchCandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.GridSearchCandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.RandomSearchGenerator;
import org.deeplearning4j.arbiter.optimize.generator.genetic.crossover.SinglePointCrossover;
import org.deeplearning4j.arbiter.optimize.generator.genetic.crossover.parentselection.RandomTwoParentSelection;
import org.deeplearning4j.arbiter.optimize.generator.genetic.mutation.RandomMutationOperator;
import org.deeplearning4j.arbiter.optimize.generator.genetic.population.PopulationModel;
import org.deeplearning4j.arbiter.optimize.generator.genetic.selection.GeneticSelectionOperator;

/**
 * How candidates are drawn: by one of Arbiter's generators.
 *
 * @param by Default: random.
 * @param steps values of a range in a grid. Default: 3.
 * @param population of the genetic search; two thirds of it are drawn at random first. Default: 30.
 * @param mutation probability that the genetic search draws a value anew. Default: 0.1.
 */
public record Search(By by, Integer steps, Integer population, Double mutation) {

  private static final int SMALLEST_POPULATION = 3;

  /** Arbiter's generators. */
  public enum By {
    @JsonProperty("random")
    RANDOM,
    @JsonProperty("grid")
    GRID,
    @JsonProperty("genetic")
    GENETIC
  }

  /**
   * @throws IllegalArgumentException for a value that cannot be searched with
   */
  public Search {
    by = Objects.requireNonNullElse(by, By.RANDOM);
    steps = Objects.requireNonNullElse(steps, 3);
    population = Objects.requireNonNullElse(population, 30);
    mutation = Objects.requireNonNullElse(mutation, 0.1);
    require(steps >= 2, "steps", steps, "at least 2");
    require(
        population >= SMALLEST_POPULATION,
        "population",
        population,
        "at least " + SMALLEST_POPULATION);
    require(0 <= mutation && mutation <= 1, "mutation", mutation, "0 to 1");
  }

  /** With defaults. */
  public Search(By by) {
    this(by, null, null, null);
  }

  /**
   * With defaults.
   *
   * @param by name of the generator
   * @throws IllegalArgumentException if there is no such generator
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Search named(String by) {
    return Stream.of(By.values())
        .filter(known -> known.name().equalsIgnoreCase(by))
        .findFirst()
        .map(Search::new)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "search is %s: give random, grid or genetic".formatted(by)));
  }

  private static void require(boolean usable, String name, Number value, String remedy) {
    if (!usable) {
      throw new IllegalArgumentException(
          "search has %s: %s: give %s".formatted(name, value, remedy));
    }
  }

  /**
   * A new generator, which for one seed, and one order of results, draws the same candidates.
   *
   * @throws IllegalArgumentException if a grid has more points than can be counted
   */
  public CandidateGenerator generator(ParameterSpace<?> space, long seed) {
    return switch (by) {
      case RANDOM -> random(space, seed);
      case GRID -> grid(space);
      case GENETIC -> genetic(space, seed);
    };
  }

  private static CandidateGenerator random(ParameterSpace<?> space, long seed) {
    CandidateGenerator generator = new RandomSearchGenerator(space);
    generator.setRngSeed(seed);
    return generator;
  }

  /** In sequence: Arbiter shuffles before it can be given a seed. */
  private CandidateGenerator grid(ParameterSpace<?> space) {
    try {
      return new GridSearchCandidateGenerator(
          space, steps, GridSearchCandidateGenerator.Mode.Sequential, null);
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException("the grid is too large: " + e.getMessage(), e);
    }
  }

  private CandidateGenerator genetic(ParameterSpace<?> space, long seed) {
    RandomGenerator random = new JDKRandomGenerator();
    random.setSeed(seed);
    return new GeneticSearchCandidateGenerator.Builder(space, new Top1())
        .populationModel(new PopulationModel.Builder().populationSize(population).build())
        .selectionOperator(
            new GeneticSelectionOperator.Builder()
                .randomGenerator(random)
                .crossoverOperator(
                    new SinglePointCrossover.Builder()
                        .randomGenerator(random)
                        .parentSelection(new RandomTwoParentSelection(random))
                        .build())
                .mutationOperator(
                    new RandomMutationOperator.Builder()
                        .mutationRate(mutation)
                        .randomGenerator(random)
                        .build())
                .build())
        .build();
  }
}
