package org.kerneldna.inference;

import java.util.Arrays;
import java.util.Optional;
import lombok.experimental.UtilityClass;
import lombok.extern.slf4j.Slf4j;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.factory.Nd4j;

/** What all calls of oneDNN need. */
@Slf4j
@UtilityClass
class OneDnn {

  /** Channels in a block of the layout that Winograd's algorithm takes. */
  final long BLOCK = 16;

  /** The first two dimensions, in a mask of them. */
  private final int SAMPLES = 1;

  private final int CHANNELS = 1 << 1;

  /** The NaN that oneDNN's headers name DNNL_RUNTIME_F32_VAL. */
  private final float GIVEN_AT_RUN_TIME = Float.intBitsToFloat(0x7fc000d0);

  private final Optional<engine> ENGINE = load();

  private final boolean WINOGRAD = findWinograd();

  /** Whether oneDNN is there and ND4J's arrays lie where it can read them. */
  boolean isAvailable() {
    return ENGINE.isPresent();
  }

  engine engine() {
    return ENGINE.orElseThrow();
  }

  /**
   * Whether this processor runs 3x3 convolutions by Winograd's algorithm (arXiv 1509.09308), which
   * takes less than half the time.
   */
  boolean hasWinograd() {
    return WINOGRAD;
  }

  /** Whether a convolution can run by Winograd's algorithm. */
  boolean suitsWinograd(Step.Conv conv) {
    long[] kernel = conv.kernel().shape();
    return !conv.depthwise()
        && Arrays.equals(conv.stride(), new int[] {1, 1})
        && kernel[0] % BLOCK == 0
        && kernel[1] % BLOCK == 0
        && kernel[2] == 3
        && kernel[3] == 3;
  }

  private boolean findWinograd() {
    if (!isAvailable()) {
      return false;
    }
    memory.desc images = desc(format_tag.aBcd16b, 1, BLOCK, 8, 8);
    long[] one = {1, 1};
    var desc =
        new convolution_forward.desc(
            prop_kind.forward_inference.value,
            algorithm.convolution_winograd.value,
            images,
            any(BLOCK, BLOCK, 3, 3),
            plain(BLOCK),
            images,
            one,
            one,
            one);
    try (var found = new convolution_forward.primitive_desc(desc, attributes(), engine())) {
      return true;
    } catch (RuntimeException e) {
      return false; // oneDNN's way to say that it has no such implementation.
    }
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
    primitive_attr attributes = attributes();
    attributes.set_post_ops(ops);
    return attributes;
  }

  /** A step that multiplies by factors which are given to it when it runs. */
  primitive_attr scalesPerSampleAndChannel() {
    primitive_attr attributes = attributes();
    attributes.set_output_scales(SAMPLES | CHANNELS, new float[] {GIVEN_AT_RUN_TIME});
    return attributes;
  }

  /** Scratch memory is the caller's: oneDNN's own would belong to the thread that plans. */
  private primitive_attr attributes() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(scratchpad_mode.user);
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
