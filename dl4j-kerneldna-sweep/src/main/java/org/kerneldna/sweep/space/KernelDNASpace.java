package org.kerneldna.sweep.space;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lombok.AccessLevel;
import lombok.AllArgsConstructor;
import lombok.Builder;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import org.deeplearning4j.arbiter.optimize.api.AbstractParameterSpace;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.FixedValue;
import org.deeplearning4j.arbiter.optimize.serde.jackson.JsonMapper;
import org.deeplearning4j.arbiter.optimize.serde.jackson.YamlMapper;
import org.deeplearning4j.arbiter.util.LeafUtils;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * Arbiter's space of whole networks of the zoo and their recipes. What is left out has one value,
 * its default. {@link Settings} says what the values mean.
 *
 * <pre>{@code
 * KernelDNASpace space =
 *     KernelDNASpace.builder()
 *         .gateRatio(new DiscreteParameterSpace<>(2, 4, 8))
 *         .lr(new ContinuousParameterSpace(new LogUniformDistribution(0.003, 0.3)))
 *         .build();
 * }</pre>
 */
@Data
@Builder
@EqualsAndHashCode(callSuper = false)
@AllArgsConstructor(access = AccessLevel.PRIVATE)
@NoArgsConstructor(access = AccessLevel.PRIVATE)
public final class KernelDNASpace extends AbstractParameterSpace<Settings> {

  /** Default: resnet18. */
  @Builder.Default private ParameterSpace<String> arch = new FixedValue<>("resnet18");

  /** Default: true. */
  @Builder.Default private ParameterSpace<Boolean> customize = new FixedValue<>(true);

  /** Default: 0. */
  @Builder.Default private ParameterSpace<Integer> plainClusters = new FixedValue<>(0);

  /** Default: 4. */
  @Builder.Default private ParameterSpace<Integer> gateRatio = new FixedValue<>(4);

  /** Names of {@link Modulation}, in any case. Default: both. */
  @Builder.Default private ParameterSpace<String> modulation = new FixedValue<>("both");

  /** Default: 1. */
  @Builder.Default private ParameterSpace<Double> width = new FixedValue<>(1.0);

  /** Default: 0.1. */
  @Builder.Default private ParameterSpace<Double> lr = new FixedValue<>(0.1);

  /** Default: 1e-4. */
  @Builder.Default private ParameterSpace<Double> weightDecay = new FixedValue<>(1e-4);

  /** Default: 0.9. */
  @Builder.Default private ParameterSpace<Double> momentum = new FixedValue<>(0.9);

  /** Default: 32. */
  @Builder.Default private ParameterSpace<Integer> batchSize = new FixedValue<>(32);

  /** Default: 10. */
  @Builder.Default private ParameterSpace<Integer> epochs = new FixedValue<>(10);

  /** Default: 0. */
  @Builder.Default private ParameterSpace<Integer> warmupEpochs = new FixedValue<>(0);

  /** Default: 0. */
  @Builder.Default private ParameterSpace<Double> labelSmoothing = new FixedValue<>(0.0);

  /** Default: 0. */
  @Builder.Default private ParameterSpace<Double> colorJitter = new FixedValue<>(0.0);

  /** Default: false. */
  @Builder.Default private ParameterSpace<Boolean> trivialAugment = new FixedValue<>(false);

  /** Default: 0. */
  @Builder.Default private ParameterSpace<Double> randomErasing = new FixedValue<>(0.0);

  /** Default: 0. */
  @Builder.Default private ParameterSpace<Double> mixup = new FixedValue<>(0.0);

  /** Default: 0. */
  @Builder.Default private ParameterSpace<Double> cutmix = new FixedValue<>(0.0);

  @Override
  public Settings getValue(double[] values) {
    return Settings.builder()
        .arch(arch.getValue(values))
        .customize(customize.getValue(values))
        .plainClusters(plainClusters.getValue(values))
        .gateRatio(gateRatio.getValue(values))
        .modulation(Modulation.valueOf(modulation.getValue(values).toUpperCase(Locale.ROOT)))
        .width(width.getValue(values))
        .lr(lr.getValue(values))
        .weightDecay(weightDecay.getValue(values))
        .momentum(momentum.getValue(values))
        .batchSize(batchSize.getValue(values))
        .epochs(epochs.getValue(values))
        .warmupEpochs(warmupEpochs.getValue(values))
        .labelSmoothing(labelSmoothing.getValue(values))
        .colorJitter(colorJitter.getValue(values))
        .trivialAugment(trivialAugment.getValue(values))
        .randomErasing(randomErasing.getValue(values))
        .mixup(mixup.getValue(values))
        .cutmix(cutmix.getValue(values))
        .build();
  }

  @Override
  public int numParameters() {
    return LeafUtils.countUniqueParameters(collectLeaves());
  }

  @Override
  @SuppressWarnings("rawtypes")
  public List<ParameterSpace> collectLeaves() {
    List<ParameterSpace> leaves = new ArrayList<>();
    for (ParameterSpace<?> space : getNestedSpaces().values()) {
      leaves.addAll(space.collectLeaves());
    }
    return leaves;
  }

  @Override
  public boolean isLeaf() {
    return false;
  }

  @Override
  public void setIndices(int... indices) {
    throw new UnsupportedOperationException("Cannot set indices for non-leaf parameter space");
  }

  /** This space as JSON. */
  public String toJson() {
    return write(JsonMapper.getMapper());
  }

  /** This space as YAML. */
  public String toYaml() {
    return write(YamlMapper.getMapper());
  }

  private String write(ObjectMapper mapper) {
    try {
      return mapper.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote. Arbiter constructs whatever class the text names: give none
   * that you do not trust.
   *
   * @throws IllegalArgumentException if the text is no such space
   */
  public static KernelDNASpace fromJson(String json) {
    return read(json, JsonMapper.getMapper());
  }

  /**
   * Reads what {@link #toYaml} wrote. Arbiter constructs whatever class the text names: give none
   * that you do not trust.
   *
   * @throws IllegalArgumentException if the text is no such space
   */
  public static KernelDNASpace fromYaml(String yaml) {
    return read(yaml, YamlMapper.getMapper());
  }

  private static KernelDNASpace read(String text, ObjectMapper mapper) {
    try {
      return mapper.readValue(text, KernelDNASpace.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
