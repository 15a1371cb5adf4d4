package org.kerneldna.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.kerneldna.inference.Step.Activate;
import org.kerneldna.inference.Step.Add;
import org.kerneldna.inference.Step.Affine;
import org.kerneldna.inference.Step.Conv;
import org.kerneldna.inference.Step.Linear;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Folds steps into the convolution or linear layer before them, wherever nobody else reads what is
 * between: factors and offsets per channel go into kernel and bias; a sum whose other addend is
 * there before, and an elementwise function, become a part of the step.
 */
final class Folding {

  private final List<Step> steps = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();
  private final Map<String, Integer> readers;

  private Folding(Program program) {
    readers = program.readers();
  }

  /**
   * A program of fewer steps that computes the same values; those that are left keep their names.
   */
  static Program fold(Program program) {
    Folding folding = new Folding(program);
    program.steps().forEach(folding::add);
    return new Program(program.inputs(), List.copyOf(folding.steps), program.outputs());
  }

  private void add(Step step) {
    Optional<Step> folded = folded(step);
    if (folded.isEmpty()) {
      positions.put(step.name(), steps.size());
      steps.add(step);
    }
  }

  /** What stands in the place of an earlier step now, if {@code step} was folded into it. */
  private Optional<Step> folded(Step step) {
    if (step instanceof Affine affine) {
      return unread(affine.input(), Conv.class)
          .filter(Folding::isLinear)
          .map(conv -> replace(conv, scaled(conv, affine).named(affine.name())));
    }
    if (step instanceof Add sum) {
      return latest(sum)
          .flatMap(name -> unread(name, Conv.class))
          .filter(Folding::isLinear)
          .map(conv -> replace(conv, summed(conv, sum)));
    }
    return step instanceof Activate activate ? activated(activate) : Optional.empty();
  }

  private Optional<Step> activated(Activate activate) {
    String name = activate.name();
    Nonlinearity act = activate.act();
    return unread(activate.input(), Step.class)
        .map(
            before -> {
              if (before instanceof Conv conv && conv.act() == Nonlinearity.IDENTITY) {
                return replace(before, conv.then(act).named(name));
              }
              if (before instanceof Linear linear && linear.act() == Nonlinearity.IDENTITY) {
                return replace(before, linear.then(act).named(name));
              }
              return before instanceof Add sum && sum.act() == Nonlinearity.IDENTITY
                  ? replace(before, new Add(name, sum.a(), sum.b(), act))
                  : null;
            });
  }

  /** The step that computes {@code name}, if that is one of {@code kind} and has one reader. */
  private <T extends Step> Optional<T> unread(String name, Class<T> kind) {
    return Optional.ofNullable(positions.get(name))
        .map(steps::get)
        .filter(step -> kind.isInstance(step) && readers.get(name) == 1)
        .map(kind::cast);
  }

  /** The addend that is computed later, unless both are the same or the network's inputs. */
  private Optional<String> latest(Add sum) {
    return Stream.of(sum.a(), sum.b())
        .filter(positions::containsKey)
        .max((a, b) -> Integer.compare(positions.get(a), positions.get(b)));
  }

  /** Whether nothing but kernel and bias makes the output. */
  private static boolean isLinear(Conv conv) {
    return conv.act() == Nonlinearity.IDENTITY && conv.addend() == null;
  }

  private static Conv summed(Conv conv, Add sum) {
    String other = sum.a().equals(conv.name()) ? sum.b() : sum.a();
    return conv.plus(other).then(sum.act()).named(sum.name());
  }

  private static Conv scaled(Conv conv, Affine affine) {
    INDArray scale = affine.scale();
    return conv.with(
        conv.kernel().mul(scale.reshape(scale.length(), 1, 1, 1)),
        conv.bias().mul(scale).addi(affine.shift()));
  }

  private Step replace(Step before, Step after) {
    int position = positions.remove(before.name());
    positions.put(after.name(), position);
    steps.set(position, after);
    return after;
  }
}
