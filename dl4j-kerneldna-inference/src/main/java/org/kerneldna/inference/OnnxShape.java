package org.kerneldna.inference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kerneldna.inference.Step.Affine;
import org.kerneldna.inference.Step.ChannelNorm;
import org.kerneldna.inference.Step.Conv;
import org.kerneldna.inference.Step.Gate;
import org.kerneldna.inference.Step.GlobalPool;
import org.kerneldna.inference.Step.Linear;
import org.kerneldna.inference.Step.MaxPool;

/**
 * What a program tells of a value's shape: [N, C] or, of images, [N, C, H, W].
 *
 * @param rank 2 or 4, or {@link #UNKNOWN}
 * @param channels C, or {@link #UNKNOWN}
 */
record OnnxShape(int rank, long channels) {

  static final int UNKNOWN = 0;

  private static final OnnxShape NOTHING = new OnnxShape(UNKNOWN, UNKNOWN);

  boolean isImages() {
    return rank == 4;
  }

  /** What is known of all values, by name. A network's input is what those want who read it. */
  static Map<String, OnnxShape> of(Program program) {
    Map<String, OnnxShape> shapes = new HashMap<>();
    List<Step> steps = program.steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      OnnxShape output = shapes.getOrDefault(step.name(), NOTHING);
      for (String name : step.inputs()) {
        shapes.merge(name, wanted(step, name, output), OnnxShape::or);
      }
    }
    program.inputs().forEach(name -> shapes.putIfAbsent(name, NOTHING));
    for (Step step : steps) {
      OnnxShape input = step.inputs().stream().map(shapes::get).reduce(NOTHING, OnnxShape::or);
      shapes.put(step.name(), given(step, input));
    }
    return shapes;
  }

  /** The shape of what {@code step} reads as {@code name}, whose output is {@code output}. */
  private static OnnxShape wanted(Step step, String name, OnnxShape output) {
    if (step instanceof Conv conv) {
      boolean asMany = conv.depthwise() || name.equals(conv.addend());
      return new OnnxShape(4, conv.kernel().size(asMany ? 0 : 1));
    }
    if (step instanceof Linear linear) {
      return new OnnxShape(2, linear.weight().size(1));
    }
    if (step instanceof Gate gate) {
      return new OnnxShape(4, gate.w1().size(1));
    }
    if (step instanceof Affine affine) {
      return new OnnxShape(output.rank, affine.scale().length());
    }
    if (step instanceof ChannelNorm norm) {
      return new OnnxShape(output.rank, norm.gamma().length());
    }
    return step instanceof MaxPool || step instanceof GlobalPool
        ? new OnnxShape(4, output.channels)
        : output;
  }

  /** The shape of the output of {@code step}, which reads {@code input}. */
  private static OnnxShape given(Step step, OnnxShape input) {
    if (step instanceof Conv conv) {
      return new OnnxShape(4, conv.kernel().size(0));
    }
    if (step instanceof Linear linear) {
      return new OnnxShape(2, linear.weight().size(0));
    }
    return step instanceof GlobalPool ? new OnnxShape(2, input.channels) : input;
  }

  private OnnxShape or(OnnxShape other) {
    return new OnnxShape(
        rank == UNKNOWN ? other.rank : rank, channels == UNKNOWN ? other.channels : channels);
  }
}
