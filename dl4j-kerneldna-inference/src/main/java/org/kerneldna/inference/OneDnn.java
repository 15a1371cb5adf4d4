package org.kerneldna.inference;

import java.util.Optional;
import lombok.experimental.UtilityClass;
import lombok.extern.slf4j.Slf4j;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.factory.Nd4j;

/** What all calls of oneDNN need. */
@Slf4j
@UtilityClass
class OneDnn {

  /** The first two dimensions, in a mask of them. */
  private final int SAMPLES = 1;

  private final int CHANNELS = 1 << 1;

  /** The NaN that oneDNN's headers name DNNL_RUNTIME_F32_VAL. */
  private final float GIVEN_AT_RUN_TIME = Float.intBitsToFloat(0x7fc000d0);

  private final Optional<engine> ENGINE = load();

  /** Whether oneDNN is there and ND4J's arrays lie where it can read them. */
  boolean isAvailable() {
    return ENGINE.isPresent();
  }

  engine engine() {
    return ENGINE.orElseThrow();
  }

  private Optional<engine> load() {
    try {
      return Nd4j.getEnvironment().isCPU()
          ? Optional.of(new engine(engine.kind.cpu, 0))
          : Optional.empty();
    } catch (LinkageError e) {
      log.warn("oneDNN cannot be loaded, networks run as their graphs do: {}", e.toString());
      return Optional.empty();
    }
  }

  /** Of float32, in a layout. */
  memory.desc desc(format_tag layout, long... shape) {
    return new memory.desc(shape, memory.data_type.f32, layout);
  }

  /** Of float32, in whatever layout is best. */
  memory.desc any(long... shape) {
    return desc(format_tag.any, shape);
  }

  /** Of float32, in C order. */
  memory.desc plain(long... shape) {
    return desc(
        switch (shape.length) {
          case 1 -> format_tag.a;
          case 2 -> format_tag.ab;
          case 3 -> format_tag.abc;
          case 4 -> format_tag.abcd;
          case 5 -> format_tag.abcde;
          default -> throw new IllegalArgumentException("rank " + shape.length);
        },
        shape);
  }

  long[] shape(memory.desc desc) {
    long[] shape = new long[desc.data().ndims()];
    desc.dims().get(shape);
    return shape;
  }

  /** A step that adds what is in its output already, if {@code sum}, and ends with {@code act}. */
  primitive_attr ending(boolean sum, Nonlinearity act) {
    post_ops ops = new post_ops();
    if (sum) {
      ops.append_sum(1, memory.data_type.f32);
    }
    if (act != Nonlinearity.IDENTITY) {
      ops.append_eltwise(1, algorithm(act), 0, beta(act));
    }
    primitive_attr attributes = new primitive_attr();
    attributes.set_post_ops(ops);
    return attributes;
  }

  /** A step that multiplies by factors which are given to it when it runs. */
  primitive_attr scalesPerSampleAndChannel() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_output_scales(SAMPLES | CHANNELS, new float[] {GIVEN_AT_RUN_TIME});
    return attributes;
  }

  int algorithm(Nonlinearity act) {
    return switch (act) {
      case RELU -> algorithm.eltwise_relu.value;
      case RELU6 -> algorithm.eltwise_clip.value;
      case GELU -> algorithm.eltwise_gelu_erf.value;
      case SIGMOID -> algorithm.eltwise_logistic.value;
      case TANH -> algorithm.eltwise_tanh.value;
      case IDENTITY -> algorithm.eltwise_linear.value;
    };
  }

  /** The second number that an elementwise function takes; the first is 0. */
  float beta(Nonlinearity act) {
    return act == Nonlinearity.RELU6 ? 6 : 0;
  }
}
