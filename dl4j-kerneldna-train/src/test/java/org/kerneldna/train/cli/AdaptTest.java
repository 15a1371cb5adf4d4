package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.TrainingRun;
import org.kerneldna.train.data.ImageDataset;
import org.nd4j.linalg.api.ndarray.INDArray;

/** From a trained network to an adapted and fine-tuned one, as users go. */
class AdaptTest {

  private static final ModelSpec SPEC = new ModelSpec("resnet18", false, 16, 0.125, true);
  private static final Recipe RECIPE = Recipe.builder().epochs(1).lr(0.02).batchSize(20).build();

  @TempDir static Path folder;
  private static Path data;
  private static Path original;
  private static Path adapted;
  private static Run adapting;

  @BeforeAll
  static void adapt() throws IOException {
    data = TestImages.unpack(folder.resolve("data"), 5);
    original = folder.resolve("static.zip");
    List<String> classes = ImageDataset.open(data).classes();
    new Checkpoint(
            SPEC.build(classes.size(), RECIPE), Checkpoint.Card.untrained(SPEC, RECIPE, classes))
        .save(original);
    adapted = folder.resolve("adapted.zip");
    adapting =
        run(
            "adapt",
            "--out=" + adapted,
            "--model=" + original,
            "--images=20",
            "--arch=resnet18",
            "--group=layer3.1.conv1=layer3.0.conv2,layer3.1.conv2",
            "--group=layer4.1.conv1=layer4.1.conv2",
            "--json=" + folder.resolve("adapt.json"));
  }

  private static Run run(String command, String... options) {
    List<String> args = new ArrayList<>(List.of(command, "--data=" + data));
    args.addAll(List.of(options));
    return Run.of(args.toArray(String[]::new));
  }

  private static Run fineTune(String name, String... options) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--pretrained=" + adapted,
                "--epochs=1",
                "--batch-size=20",
                "--lr=0.01",
                "--ckpt-dir=" + folder.resolve(name)));
    args.addAll(List.of(options));
    return run("train", args.toArray(String[]::new));
  }

  @Test
  void adaptTellsWhatItDid() throws IOException {
    assertThat(adapting.exitCode()).as(adapting.err()).isZero();
    assertThat(adapting.out())
        .containsPattern("layer3.1.conv1 +parent +1.000")
        .containsPattern("layer4.1.conv2 +child of layer4.1.conv1 +0.\\d{3} +[01].\\d{3}")
        .contains("resnet18 adapted: ", adapted.toString());
    JsonNode report = new ObjectMapper().readTree(folder.resolve("adapt.json").toFile());
    assertThat(report.get("params").asLong()).isLessThan(report.get("params_before").asLong());
    assertThat(report.get("layers")).hasSize(5);
    Checkpoint.Card card = Checkpoint.load(adapted).card();
    assertThat(card.model()).isEqualTo(SPEC.asAdapted());
    assertThat(card.epoch()).isZero();
  }

  @Test
  void adaptedNetworksGoOutAsOnnxAlone() throws IOException {
    Path onnx = folder.resolve("adapted.onnx");
    Run run = Run.of("export", "--model=" + adapted, "--format=onnx", "--out=" + onnx);
    assertThat(run.exitCode()).as(run.err()).isZero();
    GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(onnx)).getGraph();
    assertThat(graph.getNodeList())
        .extracting(NodeProto::getOpType)
        .contains("Conv", "Sigmoid", "Softmax");

    Run refused = Run.of("export", "--model=" + adapted, "--out=" + folder.resolve("x"));
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err().lines())
        .singleElement()
        .asString()
        .contains(adapted + " is an adapted network", "--format=onnx");
  }

  @Test
  void groupsAreFoundWhereNoneAreGiven() {
    Path out = folder.resolve("found.zip");
    Run run = run("adapt", "--out=" + out, "--model=" + original, "--images=20", "--threshold=0.1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("layer1.0.conv1", "layer4.1.conv2", "child of");
    assertThat(run("evaluate", "--model=" + out).out()).startsWith("resnet18 adapted: top-1");
  }

  @Test
  void fineTuningStartsFromTheNetworkByANewRecipe() {
    Run run = fineTune("whole");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("after 1 epochs");
    Checkpoint tuned = Checkpoint.load(folder.resolve("whole/latest.zip"));
    assertThat(tuned.card().model()).isEqualTo(SPEC.asAdapted());
    assertThat(tuned.card().recipe().lr()).isEqualTo(0.01);
    assertThat(kernel(tuned.graph())).isNotEqualTo(kernel(Checkpoint.load(adapted).graph()));
  }

  @Test
  void adaptersOnlyLeavesTheKernelsAlsoAfterResuming() {
    Checkpoint start = Checkpoint.load(adapted);
    INDArray before = kernel(start.graph()).dup();
    Recipe recipe = Recipe.builder().epochs(2).lr(0.01).batchSize(20).adaptersOnly(true).build();
    recipe.applyTo(start.graph());
    Path checkpoints = folder.resolve("adapters");
    TrainingRun.builder()
        .start(new Checkpoint(start.graph(), start.card().restartedBy(recipe)))
        .data(ImageDataset.open(data))
        .workers(1)
        .checkpoints(checkpoints)
        .logs(checkpoints)
        .build()
        .nextEpoch();
    ComputationGraph first = Checkpoint.load(checkpoints.resolve("latest.zip")).graph();

    Run run = run("train", "--resume=" + checkpoints.resolve("latest.zip"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    Checkpoint end = Checkpoint.load(checkpoints.resolve("latest.zip"));
    assertThat(end.card().epoch()).isEqualTo(2);
    assertThat(end.card().recipe().adaptersOnly()).isTrue();
    assertThat(kernel(end.graph())).isEqualTo(before);
    assertThat(end.graph().getParam("layer3.1.conv2-kernel_f"))
        .isNotEqualTo(first.getParam("layer3.1.conv2-kernel_f"));
    assertThat(end.graph().getParam("fc_W")).isNotEqualTo(first.getParam("fc_W"));
  }

  @Test
  void adaptersOnlyIsAnOptionOfTheRecipe() {
    Run run = fineTune("option", "--adapters-only");
    assertThat(run.exitCode()).as(run.err()).isZero();
    Checkpoint tuned = Checkpoint.load(folder.resolve("option/latest.zip"));
    assertThat(tuned.card().recipe().adaptersOnly()).isTrue();
    assertThat(kernel(tuned.graph())).isEqualTo(kernel(Checkpoint.load(adapted).graph()));
  }

  private static INDArray kernel(ComputationGraph graph) {
    return graph.getParam("layer3.1.conv1-kernel_W");
  }

  @Test
  void aPretrainedNetworkContradictsOtherStarts() {
    for (String option : new String[] {"--customize", "--width=0.5", "--resume=" + adapted}) {
      Run run = fineTune("never", option);
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err().lines().findFirst().orElseThrow())
          .contains("--pretrained tells which network to train: leave out --");
    }
  }

  @Test
  void whatCannotBeAdaptedIsNamedInOneLine() {
    assertFailure(
        adaptWith("--arch=resnet50"),
        original + " is a resnet18 and no resnet50: leave out --arch");
    assertFailure(
        adaptWith("--group=layer3.1.conv1=nose"),
        original + " cannot be adapted: The network has no layer \"nose\"");
    assertFailure(adaptWith("--threshold=1"), "give a lower threshold");
    assertFailure(adaptWith("--images=1"), "give more with --images");
    Run run = adaptWith("--group=layer3.1.conv1");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("'layer3.1.conv1' is not of the form parent=child,child");
    assertThat(folder.resolve("never.zip")).doesNotExist();
  }

  private static Run adaptWith(String option) {
    return run(
        "adapt",
        option.startsWith("--images") ? "--threshold=0" : "--images=20",
        option,
        "--model=" + original,
        "--out=" + folder.resolve("never.zip"));
  }

  private static void assertFailure(Run run, String message) {
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(message);
  }

  @Test
  void similaritiesAreDrawnAndListed() throws IOException {
    Path out = folder.resolve("cka");
    Run run = run("cka", "--model=" + adapted, "--out=" + out, "--images=20");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("21 layers on 20 images, in " + out);
    assertThat(ImageIO.read(out.resolve("cka.png").toFile()).getWidth()).isGreaterThan(800);
    List<String> lines = Files.readAllLines(out.resolve("cka.csv"));
    assertThat(lines).hasSize(22);
    assertThat(lines.get(0)).startsWith("layer,conv1,layer1.0.conv1,").endsWith(",fc");
    assertThat(lines.get(1)).startsWith("conv1,1.000000,0.");
  }
}
