package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.torch.Tensor;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.io.NpyRows;
import org.kerneldna.zoo.Architecture;
import org.kerneldna.zoo.FillingRule;
import org.kerneldna.zoo.StateDict;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What public programs make of one network, as a user imports it: -Dkerneldna.cases=FOLDER. */
@EnabledIfSystemProperty(named = "kerneldna.cases", matches = ".+")
class TorchCasesTest {

  private static final Path CASES = Path.of(System.getProperty("kerneldna.cases", ""), "torch");
  private static final Path REFERENCE =
      CASES.resolve("../../golden/checkpoints/mobilenet_v2_1d2-half.pth");
  private static final Path LOGITS =
      CASES.resolve("../../golden/checkpoints/mobilenet_v2_1d2-half.logits.npy");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compiled.pth",
        "torchvision-reference.pth",
        "timm.pth.tar",
        "lightning.ckpt",
        "numpy-scalars.pth.tar",
        "two-groups-nesterov-steplr.pth"
      })
  void holdsTheReferencesNetwork(String file) {
    Map<String, long[]> shapes =
        Architecture.MOBILENET_V2_1D2.builder(true).build().stateDict().shapes();
    Map<String, Tensor> wanted = TorchCheckpoint.read(REFERENCE).stateDict();
    Map<String, Tensor> tensors =
        TorchCheckpoint.read(CASES.resolve(file)).network(shapes).tensors();
    assertThat(tensors.keySet()).containsExactlyElementsOf(wanted.keySet());
    tensors.forEach(
        (name, tensor) ->
            assertThat(Arrays.equals(tensor.toFloats(), wanted.get(name).toFloats()))
                .as(name)
                .isTrue());
  }

  @Test
  void predictsTheReferencesLogits() throws Exception {
    importCase("timm.pth.tar");
    Path images = folder.resolve("x.npy");
    Path logits = folder.resolve("y.npy");
    Nd4j.writeAsNumpy(FillingRule.input("input", 2, 3, 224, 224), images.toFile());
    Run run = Run.of("predict", "--model=" + model(), "--input=" + images, "--logits=" + logits);
    assertThat(run.exitCode()).as(run.err()).isZero();

    INDArray wanted = read(LOGITS);
    assertThat(read(logits).sub(wanted).amaxNumber().doubleValue())
        .isLessThan(1e-5 * wanted.amaxNumber().doubleValue());
  }

  @Test
  void saysWhichOfSeveralNetworksItTakes() {
    assertThat(importCase("timm.pth.tar").out())
        .contains("\"state_dict_ema\" was taken; --key chooses another: state_dict\n");
    INDArray mean = Checkpoint.load(model()).graph().params();
    assertThat(importCase("timm.pth.tar", "--key=state_dict").out()).doesNotContain("--key");
    INDArray halved = Checkpoint.load(model()).graph().params();
    assertThat(halved.equalsWithEps(mean, 1e-3)).isFalse();

    Run unknown = run("timm.pth.tar", "--key=model");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err().lines())
        .singleElement()
        .asString()
        .contains("no tensors at \"model\"", "\"state_dict\"", "\"state_dict_ema\"");
  }

  @Test
  void takesOverWhatItCanOfTheOptimizerAndNamesTheRest() {
    assertThat(importCase("two-groups-nesterov-steplr.pth").out().lines())
        .filteredOn(line -> line.contains("not") || line.contains("no "))
        .singleElement()
        .asString()
        .contains("StepLR of step size 30 and gamma 0.1 is not taken over", "0.01");
    Checkpoint checkpoint = Checkpoint.load(model());
    Recipe recipe = checkpoint.card().recipe();
    assertThat(recipe)
        .isEqualTo(
            Recipe.of("mobilenet_v2_1d2").toBuilder()
                .lr(0.01)
                .nesterov(true)
                .weightDecay(1e-4)
                .excludeNormsAndBiases(true)
                .build());
    StateDict state = checkpoint.card().model().network(1000, recipe).stateDict();
    StateDict.Table momentum = StateDict.momentum(checkpoint.graph());
    StateDict.Table parameters = StateDict.parameters(checkpoint.graph());
    for (StateDict.Entry entry : state.parameters()) {
      INDArray expected = state.read(parameters, entry.name()).mul(0.01);
      double largest = expected.amaxNumber().doubleValue();
      // The parameters were rounded to float16 after the buffers were made of them.
      assertThat(state.read(momentum, entry.name()).sub(expected).amaxNumber().doubleValue())
          .as(entry.name())
          .isCloseTo(0, within(largest * 0x1p-11 + 1e-9));
    }
  }

  private static INDArray read(Path file) {
    try (NpyRows rows = NpyRows.open(file)) {
      return rows.next((int) rows.shape()[0]);
    }
  }

  private Path model() {
    return folder.resolve("model.zip");
  }

  private Run importCase(String file, String... options) {
    Run run = run(file, options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private Run run(String file, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "import",
                CASES.resolve(file).toString(),
                "--arch=mobilenet_v2_1d2",
                "--customize",
                "--out=" + model()));
    arguments.addAll(List.of(options));
    return Run.of(arguments.toArray(String[]::new));
  }
}
