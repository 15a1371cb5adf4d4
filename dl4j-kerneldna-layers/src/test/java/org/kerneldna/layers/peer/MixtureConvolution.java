package org.kerneldna.layers.peer;

import lombok.NoArgsConstructor;
import org.kerneldna.graph.read.Readers;
import org.kerneldna.layers.DynamicConvolution;
import org.kerneldna.layers.dynamic.KernelDerivation;
import org.kerneldna.layers.dynamic.Routing;
import org.kerneldna.layers.read.LayerReaders;

/** A peer of KernelDNA's convolution, written outside of the library's packages. */
@NoArgsConstructor
public class MixtureConvolution extends DynamicConvolution {

  private MixtureConvolution(Builder builder) {
    super(builder);
  }

  @Override
  public Routing routing() {
    return Routing.NONE;
  }

  @Override
  public KernelDerivation derivation() {
    return new Mixture(cnn2dDataFormat, nIn, nOut, kernelSize);
  }

  /** Builds a {@link MixtureConvolution}. */
  public static class Builder extends BaseBuilder<Builder> {

    public Builder(int... kernelSize) {
      super(kernelSize);
    }

    @Override
    @SuppressWarnings("unchecked")
    public MixtureConvolution build() {
      validate();
      return new MixtureConvolution(this);
    }
  }

  /** Reads it. */
  public static class Reading implements Readers.Provider {
    @Override
    public void addTo(Readers readers) {
      readers.add(MixtureConvolution.class, LayerReaders::dynamic);
    }
  }
}
