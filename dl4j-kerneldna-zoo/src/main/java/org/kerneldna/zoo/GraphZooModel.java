package org.kerneldna.zoo;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.zoo.PretrainedType;
import org.deeplearning4j.zoo.ZooModel;

/**
 * What DL4J asks of every zoo model, and a builder for Lombok's {@code @SuperBuilder} to start
 * from, which DL4J's class does not offer.
 */
abstract class GraphZooModel extends ZooModel<ComputationGraph> {

  GraphZooModel(GraphZooModelBuilder<?, ?> builder) {}

  @Override
  public Class<? extends Model> modelType() {
    return ComputationGraph.class;
  }

  @Override
  public String pretrainedUrl(PretrainedType type) {
    return null;
  }

  @Override
  public long pretrainedChecksum(PretrainedType type) {
    return 0;
  }

  abstract static class GraphZooModelBuilder<
      C extends GraphZooModel, B extends GraphZooModelBuilder<C, B>> {

    protected abstract B self();

    public abstract C build();
  }
}
