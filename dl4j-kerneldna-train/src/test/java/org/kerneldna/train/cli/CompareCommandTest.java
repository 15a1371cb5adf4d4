package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;

class CompareCommandTest {

  private static final ModelSpec STATIC = new ModelSpec("resnet18", false, 16, 0.05, true);
  private static final ModelSpec KERNELDNA = new ModelSpec("resnet18", true, 16, 0.05, true);
  private static final Recipe RECIPE = Recipe.of("resnet18");

  @TempDir Path folder;

  @BeforeEach
  void trainings() throws IOException {
    training("static-0", STATIC, RECIPE, "0.5,40.0,100", "0.3,50.0,110");
    training("static-1", STATIC, RECIPE.withSeed(1), "0.7,42.0,120", "0.5,56.0,130");
    training("kerneldna-0", KERNELDNA, RECIPE, "0.6,45.0,80", "0.4,60.0,80", "0.2,70.0,80");
  }

  private void training(String name, ModelSpec model, Recipe recipe, String... epochs)
      throws IOException {
    Path run = Files.createDirectory(folder.resolve(name));
    List<String> classes = List.of("cat", "dog");
    new Checkpoint(model.build(2, recipe), Card.untrained(model, recipe, classes))
        .save(run.resolve("latest.zip"));
    Stream<String> rows =
        Stream.concat(Stream.of("train_loss,eval_top1,train_images_per_second"), Stream.of(epochs));
    Files.write(run.resolve("summary.csv"), rows.toList());
  }

  private Run compare(String... more) {
    Stream<String> runs = Stream.of("static-0", "static-1", "kerneldna-0").map(this::in);
    return Run.of(
        Stream.concat(Stream.concat(Stream.of("compare"), runs), Stream.of(more))
            .toArray(String[]::new));
  }

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void seedsOfOneNetworkAreOneRow() throws IOException {
    Run run = compare("--json", in("c.json"), "--out", in("c.html"));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines())
        .hasSize(3)
        .element(1)
        .asString()
        .startsWith("resnet18 static, width 0.05")
        .contains(" 53.00 ± 4.24 ")
        .endsWith(" 115");
    assertThat(run.out()).containsPattern("KernelDNA.* 3 +70\\.00 +80\n");

    JsonNode networks = new ObjectMapper().readTree(folder.resolve("c.json").toFile());
    assertThat(networks.get("one_recipe").asBoolean()).isTrue();
    JsonNode staticTwin = networks.get("networks").get(0);
    assertThat(staticTwin.get("runs").asInt()).isEqualTo(2);
    assertThat(staticTwin.get("curve").get(0).asDouble()).isEqualTo(41);
    assertThat(staticTwin.get("losses").get(1).asDouble()).isEqualTo(0.4);
    assertThat(Files.readString(folder.resolve("c.html")))
        .contains("Validation top-1", "resnet18 KernelDNA, width 0.05", "53.00 ± 4.24")
        .doesNotContain("http");
  }

  @Test
  void saysWhereTheRecipesDiffer() throws IOException {
    training("other", STATIC, RECIPE.withLr(0.01), "0.5,40.0,100");
    compare(in("other"), "--json", in("c.json"));
    JsonNode networks = new ObjectMapper().readTree(folder.resolve("c.json").toFile());
    assertThat(networks.get("one_recipe").asBoolean()).isFalse();
  }

  @Test
  void aTrainingWithoutAnEpochIsNamed() throws IOException {
    training("fresh", STATIC, RECIPE);
    Run run = compare(in("fresh"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("fresh has no epoch yet: train it further, or leave it out");
  }
}
