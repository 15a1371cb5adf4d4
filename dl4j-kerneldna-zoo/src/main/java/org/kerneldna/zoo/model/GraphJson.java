package org.kerneldna.zoo.model;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.databind.DeserializationFeature;
import org.nd4j.shade.jackson.databind.json.JsonMapper;

/**
 * Reads a graph's configuration by {@link NetworkTypes}. DL4J's own mapper constructs whatever
 * class it names, and so do the ones that it falls back to for old formats: those are not read.
 */
final class GraphJson {

  /** Twice as deep as layers in wrappers in vertices go. */
  private static final int DEEPEST = 64;

  /** Kept, since a mapper learns classes slowly. */
  private static final GraphJson STOCK = new GraphJson(List.of());

  private final JsonMapper mapper;

  /** Of a reader that allows these classes beside DL4J's, ND4J's and KernelDNA's. */
  static GraphJson allowing(Collection<String> moreClasses) {
    return moreClasses.isEmpty() ? STOCK : new GraphJson(moreClasses);
  }

  private GraphJson(Collection<String> moreClasses) {
    mapper =
        JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new NetworkTypes(moreClasses))
            .build();
  }

  ComputationGraphConfiguration parse(String json) throws IOException {
    requireFlat(json);
    ComputationGraphConfiguration graph =
        mapper.readValue(json, ComputationGraphConfiguration.class);
    if (graph.getNetworkInputs() == null || graph.getVertices() == null) {
      throw new IOException(
          "no ComputationGraph; of a MultiLayerNetwork save its toComputationGraph()");
    }
    graph.getVertices().values().forEach(GraphJson::recallVariance);
    return graph;
  }

  /** Java's stack is not to be used up by nesting. */
  private void requireFlat(String json) throws IOException {
    int depth = 0;
    try (JsonParser parser = mapper.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (depth > DEEPEST) {
          throw new IOException("nested more than " + DEEPEST + " deep");
        }
      }
    }
  }

  /** Before 1.0.0-beta4 a batch normalisation did not say which of two parameters it has. */
  private static void recallVariance(GraphVertex vertex) {
    if (vertex instanceof LayerVertex layer
        && layer.getLayerConf().getLayer() instanceof BatchNormalization norm) {
      NeuralNetConfiguration conf = layer.getLayerConf();
      norm.setUseLogStd(
          !conf.getVariables().contains(BatchNormalizationParamInitializer.GLOBAL_VAR));
    }
  }

  /** What is wrong, without where it is in the Java objects. */
  static String firstLine(Throwable e) {
    String message =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }
}
