package org.kerneldna.zoo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.common.resources.ResourceType;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.deeplearning4j.zoo.PretrainedType;
import org.deeplearning4j.zoo.ZooModel;
import org.kerneldna.torch.CheckpointException;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.zoo.model.ModelFile;
import org.kerneldna.zoo.model.ModelFileException;
import org.kerneldna.zoo.pretrained.Catalogue;
import org.kerneldna.zoo.pretrained.PretrainedWeights;
import org.kerneldna.zoo.pretrained.WeightsCache;

/**
 * What DL4J asks of every zoo model, and a builder for Lombok's {@code @SuperBuilder} to start
 * from, which DL4J's class does not offer.
 */
abstract class GraphZooModel extends ZooModel<ComputationGraph> {

  GraphZooModel(GraphZooModelBuilder<?, ?> builder) {}

  /** Factor of the network's channel counts. */
  abstract double getWidth();

  /** A network with the weights of a PyTorch checkpoint. */
  abstract ComputationGraph init(TorchCheckpoint checkpoint);

  /**
   * A network with weights of the {@link Catalogue}, which are downloaded into DL4J's folder the
   * first time. It has the classes of what they were trained on: for others exchange its
   * classifier, for example by {@link org.deeplearning4j.nn.transferlearning.TransferLearning}.
   *
   * @throws UnsupportedOperationException if the catalogue has none for this network
   * @throws IOException if they cannot be had, or do not fit the network
   */
  @Override
  @SuppressWarnings("unchecked")
  public ComputationGraph initPretrained(PretrainedType type) throws IOException {
    PretrainedWeights weights =
        weights(type)
            .orElseThrow(
                () ->
                    new UnsupportedOperationException(
                        "%s with width %s has no %s weights in the catalogue: list some in %s"
                            .formatted(name(), getWidth(), type, Catalogue.usersFile())));
    Path cache = DL4JResources.getDirectory(ResourceType.ZOO_MODEL, modelName()).toPath();
    Path file = new WeightsCache(cache).fetch(weights);
    try {
      return isGraph(file) ? ModelFile.readGraph(file) : init(TorchCheckpoint.read(file));
    } catch (CheckpointException e) {
      throw new IOException(
          e.getMessage() + ": build " + name() + " as the weights are, and change it afterwards",
          e);
    } catch (ModelFileException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Where the catalogue has weights for this network; null if it has none. */
  @Override
  public String pretrainedUrl(PretrainedType type) {
    try {
      return weights(type).map(weights -> weights.url().toString()).orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** DL4J's kind of checksum, which is not used here: 0. */
  @Override
  public long pretrainedChecksum(PretrainedType type) {
    return 0;
  }

  @Override
  public Class<? extends Model> modelType() {
    return ComputationGraph.class;
  }

  private Optional<PretrainedWeights> weights(PretrainedType type) throws IOException {
    return Catalogue.read().find(name(), getWidth(), type);
  }

  private String name() {
    return getClass().getSimpleName();
  }

  private static boolean isGraph(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.getEntry(ModelSerializer.CONFIGURATION_JSON) != null;
    } catch (ZipException e) {
      return false;
    }
  }

  abstract static class GraphZooModelBuilder<
      C extends GraphZooModel, B extends GraphZooModelBuilder<C, B>> {

    protected abstract B self();

    public abstract C build();
  }
}
