package org.kerneldna.sweep.space;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.distribution.LogUniformDistribution;
import org.deeplearning4j.arbiter.optimize.parameter.FixedValue;
import org.deeplearning4j.arbiter.optimize.parameter.continuous.ContinuousParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.discrete.DiscreteParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.integer.IntegerParameterSpace;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Yaml;
import org.kerneldna.zoo.Architecture;

/**
 * Reads a {@link KernelDNASpace} as people write it:
 *
 * <pre>
 * gate_ratio: 4                                  one value
 * batch_size: [16, 32]                           one of these
 * momentum: {min: 0.8, max: 0.98}                anything in between
 * lr: {min: 0.003, max: 0.3, scale: log}         as likely in each decade
 * random_erasing: {min: 0, max: 0.5}             augmentation, too
 * trivial_augment: [true, false]
 * </pre>
 */
public final class SpaceReader {

  private static final double LARGEST = Integer.MAX_VALUE;
  private static final double BELOW_ONE = Math.nextDown(1.0);

  private final Map<String, Object> written;
  private final Set<String> known = new LinkedHashSet<>();

  private SpaceReader(Map<String, Object> written) {
    this.written = written;
  }

  /**
   * The space.
   *
   * @param written values by name, the names those of {@link Settings} in snake_case
   * @throws InputException naming the key, if it is unknown or its value cannot be used
   */
  public static KernelDNASpace read(Map<String, Object> written) {
    return new SpaceReader(written).read();
  }

  private KernelDNASpace read() {
    KernelDNASpace space =
        KernelDNASpace.builder()
            .arch(choice("arch", "resnet18", names(Architecture.values())))
            .customize(flag("customize", true))
            .plainClusters(integer("plain_clusters", 0, 0))
            .gateRatio(integer("gate_ratio", 4, 0))
            .modulation(choice("modulation", "both", names(Modulation.values())))
            .width(real("width", 1, Double.MIN_VALUE, LARGEST))
            .lr(real("lr", 0.1, Double.MIN_VALUE, LARGEST))
            .weightDecay(real("weight_decay", 1e-4, 0, LARGEST))
            .momentum(real("momentum", 0.9, 0, BELOW_ONE))
            .batchSize(integer("batch_size", 32, 2))
            .epochs(integer("epochs", 10, 1))
            .warmupEpochs(integer("warmup_epochs", 0, 0))
            .labelSmoothing(real("label_smoothing", 0, 0, BELOW_ONE))
            .colorJitter(real("color_jitter", 0, 0, LARGEST))
            .trivialAugment(flag("trivial_augment", false))
            .randomErasing(real("random_erasing", 0, 0, 1))
            .mixup(real("mixup", 0, 0, LARGEST))
            .cutmix(real("cutmix", 0, 0, LARGEST))
            .build();
    for (String key : written.keySet()) {
      if (!known.contains(key)) {
        throw new InputException(
            "space has a key '%s' that is not known: known are %s"
                .formatted(key, String.join(", ", known)));
      }
    }
    return space;
  }

  private static List<String> names(Enum<?>[] values) {
    return Stream.of(values).map(value -> value.toString().toLowerCase(Locale.ROOT)).toList();
  }

  private ParameterSpace<String> choice(String key, String otherwise, List<String> choices) {
    return values(
        key,
        otherwise,
        value -> {
          require(choices.contains(value.toString()), key, value, "one of " + choices);
          return value.toString();
        });
  }

  private ParameterSpace<Boolean> flag(String key, boolean otherwise) {
    return values(
        key,
        otherwise,
        value -> {
          require(value instanceof Boolean, key, value, "true or false");
          return (Boolean) value;
        });
  }

  private ParameterSpace<Integer> integer(String key, int otherwise, int lowest) {
    Function<Object, Integer> parse =
        value -> {
          double number = number(key, value, lowest, LARGEST);
          require(number == Math.rint(number), key, value, "a whole number");
          return (int) number;
        };
    if (!(written.get(key) instanceof Map<?, ?> range)) {
      return values(key, otherwise, parse);
    }
    known.add(key);
    requireRange(key, range, Set.of("min", "max"));
    int min = parse.apply(range.get("min"));
    int max = parse.apply(range.get("max"));
    return min == max ? new FixedValue<>(min) : new IntegerParameterSpace(min, max);
  }

  private ParameterSpace<Double> real(String key, double otherwise, double lowest, double highest) {
    if (!(written.get(key) instanceof Map<?, ?> range)) {
      return values(key, otherwise, value -> number(key, value, lowest, highest));
    }
    known.add(key);
    requireRange(key, range, Set.of("min", "max", "scale"));
    double min = number(key, range.get("min"), lowest, highest);
    double max = number(key, range.get("max"), lowest, highest);
    if (min == max) {
      return new FixedValue<>(min);
    }
    Object scale = range.containsKey("scale") ? range.get("scale") : "linear";
    require(List.of("log", "linear").contains(scale), key + " scale", scale, "log or linear");
    if (scale.equals("linear")) {
      return new ContinuousParameterSpace(min, max);
    }
    require(min > 0, key, min, "a min above 0 for a log scale");
    return new ContinuousParameterSpace(new LogUniformDistribution(min, max));
  }

  private void requireRange(String key, Map<?, ?> range, Set<String> keys) {
    boolean usable =
        range.containsKey("min") && range.containsKey("max") && keys.containsAll(range.keySet());
    require(usable, key, range, "min and max" + (keys.contains("scale") ? ", perhaps scale" : ""));
    double min = number(key, range.get("min"), -LARGEST, LARGEST);
    double max = number(key, range.get("max"), -LARGEST, LARGEST);
    require(min <= max, key, range, "a min that is not above max");
  }

  /** A value or a list of them. */
  private <T> ParameterSpace<T> values(String key, T otherwise, Function<Object, T> parse) {
    known.add(key);
    if (!written.containsKey(key)) {
      return new FixedValue<>(otherwise);
    }
    Object value = written.get(key);
    List<T> values = new ArrayList<>();
    for (Object one : value instanceof List<?> list ? list : Arrays.asList(value)) {
      require(one != null && !(one instanceof List), key, value, "a value or a list of values");
      values.add(parse.apply(one));
    }
    require(!values.isEmpty(), key, value, "at least one value");
    return values.size() == 1
        ? new FixedValue<>(values.get(0))
        : new DiscreteParameterSpace<>(values);
  }

  /** A number, also as earlier versions recorded 1e-4: as text. */
  private static double number(String key, Object value, double lowest, double highest) {
    double number =
        value instanceof Number given
            ? given.doubleValue()
            : Yaml.number(String.valueOf(value)).orElse(Double.NaN);
    require(!Double.isNaN(number), key, value, "a number");
    require(lowest <= number && number <= highest, key, value, between(lowest, highest));
    return number;
  }

  private static String between(double lowest, double highest) {
    if (lowest == Double.MIN_VALUE) {
      return "more than 0";
    }
    if (highest == LARGEST) {
      return "at least " + lowest;
    }
    return highest == BELOW_ONE ? lowest + " or more and less than 1" : lowest + " to " + highest;
  }

  private static void require(boolean usable, String key, Object value, String remedy) {
    if (!usable) {
      throw new InputException(
          "space has %s: %s, which cannot be used: give %s".formatted(key, value, remedy));
    }
  }
}
