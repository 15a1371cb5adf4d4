package org.kerneldna.layers;

import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.Getter;
import lombok.NoArgsConstructor;
import lombok.Setter;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.layers.dynamic.Gate;
import org.kerneldna.layers.dynamic.Routing;
import org.kerneldna.layers.dynamic.StaticModulation;

/**
 * The KernelDNA convolution (arXiv 2503.23379): its kernel is modulated by two small static
 * tensors, its input by a squeeze-and-excitation gate.
 *
 * <pre>y = act(conv(x * g(x), W * (1 + s) * (1 + f)) + b)</pre>
 *
 * Added by {@code addLayer} it owns its kernel {@code W}; as a child in {@link KernelDNA} it
 * derives its kernel from a parent's and owns none.
 *
 * <p>Input [N, nIn, H, W], output [N, nOut, H', W'] (or channels last). Parameters: {@code W}
 * [nOut, nIn, kH, kW], {@code b} [nOut], {@code s} [1, 1, kH, kW], {@code f} [nOut, 1, 1, 1], and
 * the gate's on nIn channels ({@link Gate}). Modulation starts at 0. Options and their defaults are
 * DL4J's convolution's; in addition:
 *
 * <ul>
 *   <li>spatial modulation, on; a 1x1 kernel has none
 *   <li>filter modulation, on
 *   <li>a gate of hidden width nIn / 4
 * </ul>
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class KernelDNAConvolution extends DynamicConvolution {

  public static final String SPATIAL = StaticModulation.SPATIAL;
  public static final String FILTER = StaticModulation.FILTER;

  private boolean spatialModulation;
  private boolean filterModulation;
  private int gateRatio;
  private boolean frozenStatistics;

  private KernelDNAConvolution(Builder builder) {
    super(builder);
    this.spatialModulation =
        builder.spatialModulation && builder.getKernelSize()[0] * builder.getKernelSize()[1] > 1;
    this.filterModulation = builder.filterModulation;
    this.gateRatio = builder.gateRatio;
    this.frozenStatistics = builder.frozenStatistics;
    initializeConstraints(builder);
  }

  /**
   * A child to stand in the place of a plain convolution: with its geometry, bias, activation
   * function, dropout and the way it learns, with all modulation that its kernel allows, and a
   * gate.
   *
   * @param gateRatio channels per hidden unit of the gate, see {@link Builder#gate}
   */
  public static KernelDNAConvolution inPlaceOf(ConvolutionLayer plain, int gateRatio) {
    KernelDNAConvolution child =
        new Builder(plain.getKernelSize().clone())
            .stride(plain.getStride().clone())
            .padding(plain.getPadding().clone())
            .dilation(plain.getDilation().clone())
            .convolutionMode(plain.getConvolutionMode())
            .dataFormat(plain.getCnn2dDataFormat())
            .hasBias(plain.hasBias())
            .nIn(plain.getNIn())
            .nOut(plain.getNOut())
            .gate(gateRatio)
            .build();
    child.setActivationFn(plain.getActivationFn());
    child.setIDropout(plain.getIDropout());
    Learning.copy(plain, child);
    return child;
  }

  /** Whether a gate routes the input. */
  public boolean hasGate() {
    return gateRatio > 0;
  }

  /** Whether anything modulates the kernel. */
  public boolean hasModulation() {
    return spatialModulation || filterModulation;
  }

  @Override
  public Routing routing() {
    return hasGate()
        ? new Gate(layerName, cnn2dDataFormat, nIn, gateRatio, frozenStatistics)
        : Routing.NONE;
  }

  @Override
  public StaticModulation derivation() {
    return new StaticModulation(spatialModulation, filterModulation, kernelSize, nOut);
  }

  /**
   * @throws DL4JInvalidConfigException if the gate would have no hidden unit
   */
  @Override
  protected void validate(int layerIndex) {
    super.validate(layerIndex);
    if (hasGate()) {
      SqueezeExcitation.validateWidth(layerName, nIn, gateRatio);
    }
  }

  /** Builds a {@link KernelDNAConvolution}. */
  @Getter
  @Setter
  public static class Builder extends BaseBuilder<Builder> {

    private boolean spatialModulation = true;
    private boolean filterModulation = true;
    private int gateRatio = 4;
    private boolean frozenStatistics = false;

    /** A 5x5 kernel. */
    public Builder() {}

    /**
     * @param kernelSize height and width
     */
    public Builder(int... kernelSize) {
      super(kernelSize);
    }

    /** Whether one number per kernel position modulates the kernel. Default: true. */
    public Builder spatialModulation(boolean on) {
      this.spatialModulation = on;
      return this;
    }

    /** Whether one number per filter modulates the kernel. Default: true. */
    public Builder filterModulation(boolean on) {
      this.filterModulation = on;
      return this;
    }

    /**
     * A gate of hidden width nIn / ratio (integer division) before the convolution. Default: 4.
     *
     * @throws IllegalArgumentException if the ratio is below 1
     */
    public Builder gate(int ratio) {
      if (ratio < 1) {
        throw new IllegalArgumentException(
            "Gate ratio must be at least 1, got " + ratio + "; noGate() leaves the gate out");
      }
      this.gateRatio = ratio;
      return this;
    }

    /** No gate. */
    public Builder noGate() {
      this.gateRatio = 0;
      return this;
    }

    /**
     * Whether the gate's normalisation keeps its running statistics in training and normalises with
     * them. Default: false.
     */
    public Builder frozenStatistics(boolean frozen) {
      this.frozenStatistics = frozen;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public KernelDNAConvolution build() {
      validate();
      return new KernelDNAConvolution(this);
    }
  }
}
