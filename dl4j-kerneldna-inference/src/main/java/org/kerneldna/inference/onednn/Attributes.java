package org.kerneldna.inference.onednn;

import lombok.experimental.UtilityClass;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.kerneldna.graph.Nonlinearity;

/** What primitives do beside their own work. */
@UtilityClass
class Attributes {

  /** The first two dimensions, in a mask of them. */
  private final int SAMPLES = 1;

  private final int CHANNELS = 1 << 1;

  /** The NaN that oneDNN's headers name DNNL_RUNTIME_F32_VAL. */
  private final float GIVEN_AT_RUN_TIME = Float.intBitsToFloat(0x7fc000d0);

  /** Nothing. Scratch memory is the caller's: oneDNN's own would belong to the planning thread. */
  primitive_attr plain() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(scratchpad_mode.user);
    return attributes;
  }

  /**
   * Adding what is in the output already, if {@code sum}, and then {@code act}.
   *
   * @throws IllegalArgumentException if oneDNN has no such function
   */
  primitive_attr ending(boolean sum, Nonlinearity act) {
    post_ops ops = new post_ops();
    if (sum) {
      ops.append_sum(1, memory.data_type.f32);
    }
    if (!act.isIdentity()) {
      ops.append_eltwise(1, algorithm(act), (float) act.alpha(), (float) act.beta());
    }
    primitive_attr attributes = plain();
    attributes.set_post_ops(ops);
    return attributes;
  }

  /** Multiplying by factors which are given when it runs. */
  primitive_attr scaledPerSampleAndChannel() {
    primitive_attr attributes = plain();
    attributes.set_output_scales(SAMPLES | CHANNELS, new float[] {GIVEN_AT_RUN_TIME});
    return attributes;
  }

  int algorithm(Nonlinearity act) {
    return switch (act.function()) {
      case IDENTITY -> throw new IllegalArgumentException("no function");
      case LINEAR -> algorithm.eltwise_linear.value;
      case RELU -> algorithm.eltwise_relu.value;
      case CLIP -> algorithm.eltwise_clip.value;
      case ELU -> algorithm.eltwise_elu.value;
      case SIGMOID -> algorithm.eltwise_logistic.value;
      case TANH -> algorithm.eltwise_tanh.value;
      case GELU -> algorithm.eltwise_gelu_erf.value;
      case GELU_TANH -> algorithm.eltwise_gelu_tanh.value;
      case SOFTPLUS -> algorithm.eltwise_soft_relu.value;
      case SWISH -> algorithm.eltwise_swish.value;
      case MISH -> algorithm.eltwise_mish.value;
      case EXP -> algorithm.eltwise_exp.value;
      case ABS -> algorithm.eltwise_abs.value;
      // oneDNN's code calls powf with a stack that is not aligned, which dies where that overflows.
      case POWER -> throw new IllegalArgumentException("no powers");
    };
  }
}
