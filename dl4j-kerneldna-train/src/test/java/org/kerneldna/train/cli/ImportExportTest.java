package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.torch.Safetensors;
import org.kerneldna.torch.Tensor;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.TestImages;

/** Networks out to other programs and in again. */
class ImportExportTest {

  private static final ModelSpec MODEL = new ModelSpec("mobilenet_v2", true, 16, 0.05, true);
  private static final Recipe RECIPE = Recipe.of("mobilenet_v2");

  @TempDir Path folder;
  private Checkpoint checkpoint;
  private Path model;
  private Path tensors;
  private Path imported;

  @BeforeEach
  void save() {
    checkpoint =
        new Checkpoint(
            MODEL.build(3, RECIPE), Card.untrained(MODEL, RECIPE, List.of("ant", "bee", "cat")));
    model = folder.resolve("model.zip");
    tensors = folder.resolve("model.safetensors");
    imported = folder.resolve("imported.zip");
    checkpoint.save(model);
  }

  @Test
  void comeBackBitForBit() throws IOException {
    Run export = exportTo(tensors);
    assertThat(export.exitCode()).as(export.err()).isZero();
    assertThat(export.out()).contains("mobilenet_v2 KernelDNA", tensors.toString());
    assertThat(Safetensors.read(tensors).metadata())
        .containsEntry("format", "pt")
        .containsEntry("arch", "mobilenet_v2")
        .containsEntry("customize", "true");

    Run run = importFrom(tensors, "--arch=mobilenet_v2", "--customize");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("3 classes", "no momentum in the file", imported.toString());
    Checkpoint again = Checkpoint.load(imported);
    assertThat(again.graph().params()).isEqualTo(checkpoint.graph().params());
    assertThat(again.card().classes()).containsExactly("0", "1", "2");
    assertThat(again.card().recipe()).isEqualTo(RECIPE);
    assertThat(again.card().model()).isEqualTo(MODEL);

    Path second = folder.resolve("second.safetensors");
    assertThat(Run.of("export", "--model", imported.toString(), "--out", second.toString()).err())
        .isEmpty();
    assertThat(second).hasSameBinaryContentAs(tensors);
  }

  @Test
  void onnxFilesAreFoldedUnlessToldOtherwise() throws IOException {
    int folded = onnx().getNodeCount();
    assertThat(onnx("--unfolded").getNodeCount()).isGreaterThan(folded);
  }

  @Test
  void onnxFilesTakeImagesOfAnySizeUnlessToldOtherwise() throws IOException {
    String size = String.valueOf(MODEL.imageSize());
    assertThat(imageDimensions(onnx())).containsExactly("N", "3", "input_height", "input_width");
    assertThat(imageDimensions(onnx("--fixed-size"))).containsExactly("N", "3", size, size);
  }

  private static List<String> imageDimensions(GraphProto graph) {
    return graph.getInput(0).getType().getTensorType().getShape().getDimList().stream()
        .map(d -> d.hasDimParam() ? d.getDimParam() : String.valueOf(d.getDimValue()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--unfolded", "--fixed-size"})
  void onlyOnnxHasItsOptions(String option) {
    Run run = Run.of("export", "--model=" + model, option, "--out=" + tensors);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(option, "--format=onnx");
    assertThat(tensors).doesNotExist();
  }

  @Test
  void theTrainingImagesNameTheClasses() throws IOException {
    exportTo(tensors);
    Path data = TestImages.unpack(folder.resolve("data"), 2);
    Run run = importFrom(tensors, "--arch=mobilenet_v2", "--customize", "--data", data.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .contains(data.resolve("train") + " has 10 classes", tensors.toString(), "3");

    for (String name : new String[] {"x", "y", "z"}) {
      Path image = folder.resolve("other/train/" + name + "/1.png");
      Files.createDirectories(image.getParent());
      Files.createFile(image);
    }
    importFrom(
        tensors,
        "--arch=mobilenet_v2",
        "--customize",
        "--data",
        folder.resolve("other").toString());
    assertThat(Checkpoint.load(imported).card().classes()).containsExactly("x", "y", "z");
  }

  @Test
  void theWrongKindOfNetworkIsNamed() {
    exportTo(tensors);
    assertRefused("give --customize", "--arch=mobilenet_v2");
    assertRefused("with which resnet18 KernelDNA ends", "--arch=resnet18", "--customize");
    Run run = importFrom(tensors);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("which architecture it is, is not known: give --arch");
  }

  @Test
  void aTensorOfAnotherShapeIsNamed() throws IOException {
    exportTo(tensors);
    Map<String, Tensor> changed = new LinkedHashMap<>(Safetensors.read(tensors).tensors());
    changed.put("features.0.1.bias", Tensor.of(new long[] {1}, 0.5f));
    Safetensors.write(tensors, changed, Map.of());
    assertRefused("\"features.0.1.bias\" has shape [1]", "--arch=mobilenet_v2", "--customize");
  }

  @Test
  void whatIsNoCheckpointIsRefused() throws IOException {
    Files.writeString(tensors, "not a checkpoint, whatever its name says");
    assertRefused(tensors.toString(), "--arch=mobilenet_v2");
    Files.delete(tensors);
    assertRefused(tensors.toString(), "--arch=mobilenet_v2");
  }

  @Test
  void pretrainedWeightsComeFromTheCatalogue() {
    Run none = Run.of("import", "--pretrained", "--arch=resnet18", "--customize", "--out=x.zip");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err().lines())
        .singleElement()
        .asString()
        .contains("KernelDNAResNet18", "catalogue");
    assertThat(Run.of("import", "--arch=resnet18", "--out=x.zip").exitCode()).isEqualTo(2);
  }

  @Test
  void anUnknownFormatIsWrongUsage() {
    Run run =
        Run.of("export", "--model", model.toString(), "--format=hdf5", "--out", tensors.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("hdf5").containsIgnoringCase("safetensors");
  }

  /** Exports the model; what the file has. */
  private GraphProto onnx(String... options) throws IOException {
    Path file = folder.resolve("new/model.onnx");
    List<String> arguments =
        new ArrayList<>(List.of("export", "--model=" + model, "--format=onnx", "--out=" + file));
    arguments.addAll(List.of(options));
    Run run = Run.of(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("mobilenet_v2 KernelDNA: ONNX, opset 13", file.toString());
    GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(file)).getGraph();
    assertThat(graph.getOutputList()).hasSize(1);
    return graph;
  }

  private Run exportTo(Path file) {
    return Run.of(
        "export", "--model", model.toString(), "--format", "safetensors", "--out", file.toString());
  }

  private Run importFrom(Path file, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "import",
                file.toString(),
                "--image-size=16",
                "--width=0.05",
                "--small-stem",
                "--out",
                imported.toString()));
    arguments.addAll(List.of(options));
    return Run.of(arguments.toArray(String[]::new));
  }

  private void assertRefused(String message, String... options) {
    Run run = importFrom(tensors, options);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(message);
    assertThat(imported).doesNotExist();
  }

  @Test
  void whatIsReadIsNotOverwritten() throws IOException {
    byte[] before = Files.readAllBytes(model);
    Path link = Files.createSymbolicLink(folder.resolve("link.zip"), model);
    for (Path out : new Path[] {model, link}) {
      Run run = Run.of("export", "--model=" + model, "--out=" + out);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err().lines())
          .singleElement()
          .asString()
          .contains(out + " is what is read", "give another --out");
    }
    assertThat(model).hasBinaryContent(before);
    exportTo(tensors);
    byte[] exported = Files.readAllBytes(tensors);
    Run run =
        Run.of(
            "import", tensors.toString(), "--arch=mobilenet_v2", "--customize", "--out=" + tensors);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(tensors + " is what is read");
    assertThat(tensors).hasBinaryContent(exported);
  }
}
