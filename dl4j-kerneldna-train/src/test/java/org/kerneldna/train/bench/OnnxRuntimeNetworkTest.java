package org.kerneldna.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.layers.Views;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OnnxRuntimeNetworkTest {

  private static final int SIZE = 32;

  @TempDir Path folder;

  private final INDArray images = Nd4j.rand(2, 3, SIZE, SIZE);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void computesWhatTheGraphDoesTimeAndAgain(boolean customize) {
    ComputationGraph graph = graph(customize);
    float[] expected = graph.outputSingle(images).data().asFloat();
    try (var network = new OnnxRuntimeNetwork(graph, images, 1, folder)) {
      assertThat(folder).isEmptyDirectory();
      for (int pass = 0; pass < 2; pass++) {
        assertThat(network.output())
            .hasSameSizeAs(expected)
            .containsExactly(expected, within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesImagesHoweverTheyLie(Views view) {
    ComputationGraph graph = graph(false);
    INDArray views = view.of(images);
    try (var network = new OnnxRuntimeNetwork(graph, views, 1, folder);
        var ofDense = new OnnxRuntimeNetwork(graph, Views.dense(views), 1, folder)) {
      assertThat(network.output()).containsExactly(ofDense.output());
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIntoIsNamed() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> new OnnxRuntimeNetwork(graph(false), images, 1, missing))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(missing + " cannot be written into: ")
        .hasMessageContaining("-Djava.io.tmpdir");
  }

  private static ComputationGraph graph(boolean customize) {
    return new ModelSpec("resnet18", customize, SIZE, 0.05, false).build(5, Recipe.of("resnet18"));
  }
}
