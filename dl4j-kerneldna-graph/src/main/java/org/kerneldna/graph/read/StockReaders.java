package org.kerneldna.graph.read;

import java.util.stream.Stream;

/** Readers of DL4J's own layers, vertices, preprocessors and activation functions. */
final class StockReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    Stream.of(
            new ConvolutionReaders(),
            new PoolingReaders(),
            new ResizingReaders(),
            new NormalizationReaders(),
            new DenseReaders(),
            new LossReaders(),
            new ActivationReaders(),
            new VertexReaders(),
            new PreProcessorReaders())
        .forEach(provider -> provider.addTo(readers));
  }
}
