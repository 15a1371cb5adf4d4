package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.zoo.Architecture;

class MetricsTest {

  private static final String[] SMALL = {
    "--customize", "--small-stem", "--image-size=16", "--width=0.05", "--num-classes=10"
  };
  private static final ModelSpec MODEL = new ModelSpec("resnet18", true, 16, 0.05, true);

  @TempDir Path folder;

  @Test
  void measuresAllUnlessOneIsAskedFor() throws IOException {
    Run run = metrics(SMALL, "--batch-size=2", "--iter=3", "--threads=1");
    assertThat(run.out())
        .startsWith("resnet18 KernelDNA, width 0.05, 16x16 pixels, 10 classes\n")
        .containsPattern("parameters +[0-9,]+\n")
        .containsPattern("MACs +[0-9,]+\n")
        .containsPattern("latency +[0-9.]+ ms, standard deviation [0-9.]+ ms, of 3 batches of 2\n")
        .containsPattern("throughput +[0-9.]+ images/s\n")
        .containsPattern("on +ND4J .* 1 threads");

    JsonNode report = json();
    assertThat(report.get("arch").asText()).isEqualTo("resnet18");
    assertThat(report.get("customize").asBoolean()).isTrue();
    assertThat(report.get("num_classes").asInt()).isEqualTo(10);
    assertThat(report.get("params").asLong()).isEqualTo(checkpoint(10).complexity().parameters());
    assertThat(report.get("macs").asLong()).isEqualTo(checkpoint(10).complexity().macs());
    assertThat(report.get("backend").asText()).contains(" 1 threads");
    JsonNode latency = report.get("latency");
    assertThat(latency.get("batch_size").asInt()).isEqualTo(2);
    assertThat(latency.get("iterations").asInt()).isEqualTo(3);
    assertThat(latency.get("images_per_second").asDouble() * latency.get("mean_ms").asDouble())
        .isBetween(1999.9, 2000.1);
    assertThat(report.has("layers")).isFalse();
  }

  @Test
  void measuresTheCompiledNetwork() throws IOException {
    Run run = metrics(SMALL, "--latency", "--compiled", "--iter=2");
    assertThat(run.out()).containsPattern("latency +[0-9.]+ ms compiled, standard deviation");
    assertThat(json().get("compiled").asBoolean()).isTrue();
  }

  @Test
  void listsWhatTheCompiledNetworkRuns() throws IOException {
    Run run = metrics(SMALL, "--latency", "--compiled", "--layers", "--iter=2");
    assertThat(run.out())
        .containsPattern("vertex +operation +primitive +implementation +output +layout +ms\n")
        .containsPattern("fc +Linear +inner_product +\\S+ +8x10 +ab +[0-9.]+\n");
    JsonNode steps = json().get("steps");
    assertThat(steps.get("parts").asInt()).isEqualTo(1);
    JsonNode first = steps.get("lines").get(0);
    assertThat(first.fieldNames())
        .toIterable()
        .contains("vertex", "operation", "primitive", "implementation", "output", "layout");
    assertThat(first.get("milliseconds").asDouble()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"params", "flops", "latency"})
  void measuresOnlyWhatIsAskedFor(String asked) throws IOException {
    Run run = metrics(SMALL, "--" + asked, "--iter=1");
    JsonNode report = json();
    assertThat(report.has("params")).isEqualTo(asked.equals("params"));
    assertThat(report.has("macs")).isEqualTo(asked.equals("flops"));
    assertThat(report.has("latency")).isEqualTo(asked.equals("latency"));
    assertThat(run.out().contains("parameters")).isEqualTo(asked.equals("params"));
    assertThat(run.out().contains("MACs")).isEqualTo(asked.equals("flops"));
    assertThat(run.out().contains("images/s")).isEqualTo(asked.equals("latency"));
  }

  @ParameterizedTest
  @EnumSource
  void layersAddUpToTheTotals(Architecture arch) throws IOException {
    Run run =
        metrics(
            new String[] {"--arch=" + arch, "--customize", "--image-size=32", "--width=0.05"},
            "--num-classes=10",
            "--params",
            "--flops",
            "--layers");
    JsonNode report = json();
    long params = report.get("params").asLong();
    long macs = report.get("macs").asLong();
    assertThat(sum(report.get("layers"), "params")).isEqualTo(params).isPositive();
    assertThat(sum(report.get("layers"), "macs")).isEqualTo(macs).isPositive();
    assertThat(run.out()).containsPattern("total +%,d +%,d\n".formatted(params, macs));
    assertThat(run.out().lines()).hasSize(1 + report.get("layers").size() + 1 + 1 + 3);
  }

  @Test
  void aLayerHasNameKindAndShape() throws IOException {
    Run run = metrics(SMALL, "--params", "--layers");
    assertThat(run.out())
        .containsPattern("conv1 +Convolution +8x16x16 +216 +55,296\n")
        .containsPattern("fc +DenseLayer +10 +[0-9,]+ +[0-9,]+\n");
    JsonNode first = json().get("layers").get(0);
    assertThat(first.get("vertex").asText()).isEqualTo("conv1");
    assertThat(first.get("kind").asText()).isEqualTo("Convolution");
    assertThat(first.get("output_shape")).extracting(JsonNode::asInt).containsExactly(8, 16, 16);
    assertThat(first.get("params").asInt()).isEqualTo(3 * 8 * 9);
    assertThat(first.get("macs").asInt()).isEqualTo(3 * 8 * 9 * 16 * 16);
  }

  @Test
  void measuresACheckpoint() throws IOException {
    Checkpoint checkpoint = checkpoint(3);
    checkpoint.save(folder.resolve("model.zip"));
    Run run = metrics(new String[] {"--model=" + folder.resolve("model.zip")}, "--iter=2");
    assertThat(run.out()).startsWith("resnet18 KernelDNA, width 0.05, 16x16 pixels, 3 classes\n");
    assertThat(json().get("params").asLong()).isEqualTo(checkpoint.complexity().parameters());
    assertThat(json().get("macs").asLong()).isEqualTo(checkpoint.complexity().macs());
    assertThat(json().get("latency").get("iterations").asInt()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--arch=resnet50", "--width=1", "--num-classes=10"})
  void aCheckpointTellsItsNetwork(String option) {
    Run run = Run.of("metrics", "--model", "model.zip", option);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--model tells which network to measure: leave out --arch");
  }

  @Test
  void refusesWhatItCannotUse() {
    assertWrongUsage("'0' is not a whole number of at least 1", "--iter=0");
    assertWrongUsage("'-1' is not a whole number of at least 1", "--batch-size=-1");
    assertWrongUsage("--threads 99999 is more than there are processors", "--threads=99999");
    assertWrongUsage("image size 7 is too small: give at least 8", "--image-size=7");
    Path missing = folder.resolve("missing.zip");
    Run run = Run.of("metrics", "--model", missing.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(missing + " is not a file");
  }

  private static void assertWrongUsage(String message, String option) {
    Run run = Run.of("metrics", option);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.err().lines()).hasSize(2);
  }

  private Run metrics(String[] network, String... options) {
    List<String> all = new ArrayList<>(List.of("metrics", "--json", file().toString()));
    all.addAll(List.of(network));
    all.addAll(List.of(options));
    Run run = Run.of(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(file().toFile());
  }

  private Path file() {
    return folder.resolve("metrics.json");
  }

  private static long sum(JsonNode layers, String figure) {
    long sum = 0;
    for (JsonNode layer : layers) {
      sum += layer.get(figure).asLong();
    }
    return sum;
  }

  private static Checkpoint checkpoint(int classes) {
    Recipe recipe = Recipe.of(MODEL.arch());
    List<String> names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    return new Checkpoint(MODEL.build(classes, recipe), Card.untrained(MODEL, recipe, names));
  }
}
