package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.data.Augmentation;

class CompareCommandTest {

  private static final ModelSpec STATIC = new ModelSpec("resnet18", false, 16, 0.05, true);
  private static final ModelSpec KERNELDNA = new ModelSpec("resnet18", true, 16, 0.05, true);
  private static final Recipe RECIPE = Recipe.of("resnet18");

  private static final List<String> CLASSES = List.of("cat", "dog");

  @TempDir Path folder;

  @BeforeEach
  void trainings() throws IOException {
    training("static-0", STATIC, RECIPE, "0.5,40.0,100", "0.3,50.0,110");
    training("static-1", STATIC, RECIPE.withSeed(1), "0.7,42.0,120", "0.5,56.0,130");
    training("kerneldna-0", KERNELDNA, RECIPE, "0.6,45.0,80", "0.4,60.0,80", "0.2,70.0,80");
  }

  private void training(String name, ModelSpec model, Recipe recipe, String... epochs)
      throws IOException {
    training(name, model, recipe, CLASSES, epochs);
  }

  private void training(
      String name, ModelSpec model, Recipe recipe, List<String> classes, String... epochs)
      throws IOException {
    training(name, model.build(2, recipe), Card.untrained(model, recipe, classes), epochs);
  }

  /** A network that was a static one, and is this one since. */
  private void adapted(String name, ModelSpec now) throws IOException {
    Card card = Card.untrained(STATIC.asAdapted(), RECIPE, CLASSES);
    training(name, now.build(2, RECIPE), card, "0.5,20.0,100");
  }

  private void training(String name, ComputationGraph graph, Card card, String... epochs)
      throws IOException {
    Path run = Files.createDirectory(folder.resolve(name));
    new Checkpoint(graph, card).save(run.resolve("latest.zip"));
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
    assertThat(networks.get("differences")).isEmpty();
    JsonNode staticTwin = networks.get("networks").get(0);
    assertThat(staticTwin.get("runs").asInt()).isEqualTo(2);
    assertThat(staticTwin.get("seeds").toString()).isEqualTo("[0,1]");
    assertThat(staticTwin.get("curve").get(0).asDouble()).isEqualTo(41);
    assertThat(staticTwin.get("losses").get(1).asDouble()).isEqualTo(0.4);
    assertThat(Files.readString(folder.resolve("c.html")))
        .contains("Validation top-1", "resnet18 KernelDNA, width 0.05", "53.00 ± 4.24")
        .doesNotContain("http");
  }

  @Test
  void trainingsByOtherRecipesAreNoOtherSeeds() throws IOException {
    Recipe mixed = RECIPE.withAugmentation(Augmentation.builder().mixup(0.2).build());
    training("slow", STATIC, RECIPE.withLr(0.01).withSeed(2), "0.5,20.0,100", "0.5,30.0,100");
    training("mixed", STATIC, mixed.withSeed(3), "0.5,10.0,100", "0.5,12.0,100");
    Run run = compare(in("slow"), in("mixed"), "--json", in("c.json"));
    assertThat(run.out().lines().map(line -> line.replaceAll("  .*", "")))
        .containsExactly(
            "network",
            "resnet18 static, width 0.05, lr 0.1, augmentation.mixup 0.0",
            "resnet18 KernelDNA, width 0.05, lr 0.1, augmentation.mixup 0.0",
            "resnet18 static, width 0.05, lr 0.01, augmentation.mixup 0.0",
            "resnet18 static, width 0.05, lr 0.1, augmentation.mixup 0.2",
            "The trainings differ in: lr, augmentation.mixup");
    assertThat(run.out()).contains(" 53.00 ± 4.24 ").containsPattern(" 30\\.00 .*\n.* 12\\.00 ");
    JsonNode comparison = new ObjectMapper().readTree(folder.resolve("c.json").toFile());
    assertThat(comparison.get("differences").toString())
        .isEqualTo("[\"lr\",\"augmentation.mixup\"]");
  }

  @Test
  void whatANameCannotHoldTheFolderTells() throws IOException {
    List<String> others = List.of("a cat of one kind", "a dog of another kind");
    training("other", STATIC, RECIPE, others, "0.5,20.0,100", "0.5,30.0,100");
    assertThat(compare(in("other")).out())
        .contains("resnet18 static, width 0.05, classes cat, dog ", " 53.00 ± 4.24 ")
        .contains("resnet18 static, width 0.05, in " + in("other") + " ")
        .endsWith("The trainings differ in: classes%n".formatted());
  }

  @Test
  void adaptedNetworksAreOneOnlyIfTheyAre() throws IOException {
    adapted("one", STATIC);
    adapted("two", KERNELDNA);
    adapted("three", STATIC);
    Run run = Run.of("compare", in("one"), in("two"), in("three"));
    assertThat(run.out().lines())
        .hasSize(4)
        .element(1)
        .asString()
        .startsWith("resnet18 adapted, width 0.05, in " + in("one"))
        .containsPattern(" 2 +1 +20\\.00 ");
    assertThat(run.out())
        .contains("resnet18 adapted, width 0.05, in " + in("two"))
        .endsWith("The trainings differ in: network%n".formatted());
  }

  @Test
  void aTrainingWithoutAnEpochIsNamed() throws IOException {
    training("fresh", STATIC, RECIPE);
    Run run = compare(in("fresh"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("fresh has no epoch yet: train it further, or leave it out");
  }

  @Test
  void aFigureThatIsNoneIsNamed() throws IOException {
    training("torn", STATIC, RECIPE, "0.5,20.0,100", "0.5");
    assertSaid("torn", "has \"\" for eval_top1 in the row \"0.5\", which is no number: restore it");
    training("edited", STATIC, RECIPE, "0.5,20 %,100");
    assertSaid(
        "edited", "has \"20 %\" for eval_top1 in the row \"0.5,20 %,100\", which is no number");
  }

  private void assertSaid(String training, String what) {
    Run run = compare(in(training));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .filteredOn(line -> line.startsWith("kerneldna"))
        .singleElement()
        .asString()
        .contains(in(training) + "/summary.csv", what);
  }
}
