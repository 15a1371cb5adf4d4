package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.SmallGraph;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class TrainingUiTest {

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static String get(int port, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.ALWAYS)
        .build()
        .send(request, BodyHandlers.ofString())
        .body();
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void showsTheTrainingInABrowser() throws Exception {
    ComputationGraph graph = SmallGraph.create(16, 2, Recipe.of("resnet18"));
    int port = freePort();
    try (TrainingUi ui = new TrainingUi(graph, port)) {
      assertThat(get(port, "/train/overview")).contains("<html", "updateRatioChart");
      DataSet batch = new DataSet(Nd4j.rand(4, 3, 16, 16), Nd4j.eye(2).repeat(0, 2));
      // Steps reach the page a while later.
      while (!get(port, "/train/overview/data").contains("\"ComputationGraph\"")) {
        graph.fit(batch);
      }
    }
  }
}
