package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.kerneldna.graph.Operation.Reshape;

/** Preprocessors, which stand between layers of different kinds. */
final class PreProcessorReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(CnnToFeedForwardPreProcessor.class, PreProcessorReaders::flat)
        .add(FeedForwardToCnnPreProcessor.class, PreProcessorReaders::images)
        .add(ComposableInputPreProcessor.class, PreProcessorReaders::oneAfterTheOther);
  }

  /** In the order of DL4J's array, whatever its layout. */
  private static void flat(CnnToFeedForwardPreProcessor conf, Reading r) {
    r.gives(r.add("flat", new Reshape(0, -1), r.plain(0)));
  }

  /** Rows are always [N, C * H * W]; DL4J leaves images as they are. */
  private static void images(FeedForwardToCnnPreProcessor conf, Reading r) {
    if (r.rank(r.array(0)) == 4) {
      r.gives(r.array(0));
      return;
    }
    Reshape shape =
        new Reshape(0, conf.getNumChannels(), conf.getInputHeight(), conf.getInputWidth());
    r.gives(r.add("images", shape, r.plain(0)));
  }

  private static void oneAfterTheOther(ComposableInputPreProcessor conf, Reading r) {
    Array out = r.array(0);
    for (InputPreProcessor preProcessor : conf.getInputPreProcessors()) {
      out = r.preprocessed(out, preProcessor);
    }
    r.gives(out);
  }
}
