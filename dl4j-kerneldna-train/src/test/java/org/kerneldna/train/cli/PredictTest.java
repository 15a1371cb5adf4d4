package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.io.NpyFile;
import org.kerneldna.zoo.ImageNet;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

class PredictTest {

  private static final ModelSpec MODEL = new ModelSpec("resnet18", true, 16, 0.05, true);

  @TempDir Path folder;
  private Checkpoint checkpoint;
  private Path image;

  @BeforeEach
  void save() throws IOException {
    checkpoint = save("ant", "bee", "cat", "dog", "eel", "fox");
    Path bags = TestImages.unpack(folder.resolve("data"), 1).resolve("val/bag");
    image = TestImages.list(bags).get(0);
  }

  @Test
  void printsTheFiveMostProbableClasses() {
    Run run = predict(image.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(6);
    assertThat(lines.get(0)).isEqualTo(image.toString());
    assertThat(lines.subList(1, 6))
        .allMatch(l -> l.matches(" +[0-9.]+ %  (ant|bee|cat|dog|eel|fox)"));
    assertThat(lines.subList(1, 6).stream().map(PredictTest::percent).toList())
        .isSortedAccordingTo((a, b) -> Double.compare(b, a))
        .allMatch(p -> p > 0 && p < 100);
  }

  @Test
  void namesImageNetsClasses() {
    save(ImageNet.classes().toArray(String[]::new));
    assertThat(predict(image.toString()).out()).containsPattern(" %  [a-zA-Z].* \\(n\\d{8}\\)\n");
  }

  @Test
  void goesOnAfterAFileThatIsNoImage() throws IOException {
    Path text = Files.writeString(folder.resolve("text.jpg"), "no image");
    Run run = predict(text.toString(), folder.resolve("none.png").toString(), image.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains(text + " cannot be used: not an image"),
            line -> assertThat(line).contains("none.png cannot be used"));
    assertThat(run.out().lines()).hasSize(6).startsWith(image.toString());
  }

  @Test
  void writesLogits() {
    INDArray images = Nd4j.rand(DataType.FLOAT, 35, 3, 16, 16);
    NpyFile.write(folder.resolve("x.npy"), images);
    Run run = predict("--input", file("x.npy"), "--logits", file("y.npy"));
    assertThat(run.exitCode()).as(run.err()).isZero();

    INDArray logits = NpyFile.read(folder.resolve("y.npy"));
    assertThat(logits.shape()).containsExactly(35, 6);
    INDArray probabilities = checkpoint.graph().outputSingle(images);
    assertThat(Transforms.softmax(logits).equalsWithEps(probabilities, 1e-6)).isTrue();
    assertThat(logits.sub(probabilities).amaxNumber().doubleValue()).isGreaterThan(0.01);
  }

  @Test
  void refusesOtherArrays() throws IOException {
    NpyFile.write(folder.resolve("x.npy"), Nd4j.rand(DataType.FLOAT, 2, 3, 16, 15));
    assertRefused("has shape [2, 3, 16, 15]: the network takes [N, 3, 16, 16]");
    Nd4j.writeAsNumpy(Nd4j.rand(DataType.DOUBLE, 1, 3, 16, 16), folder.resolve("x.npy").toFile());
    assertRefused("x.npy holds other than float32 in C order");
    byte[] whole = whole();
    Files.write(folder.resolve("x.npy"), Arrays.copyOf(whole, whole.length - 1));
    assertRefused("needs 3072: write it again");
    Files.write(folder.resolve("x.npy"), Arrays.copyOf(whole, 40));
    assertRefused("x.npy ends within its header");
    Files.write(folder.resolve("x.npy"), "nothing".getBytes());
    assertRefused("x.npy is no .npy file");
    Files.delete(folder.resolve("x.npy"));
    assertRefused("x.npy is not a file");
  }

  @Test
  void asksForImagesOrAnArray() {
    assertThat(predict().exitCode()).isEqualTo(2);
    Run half = predict("--input", file("x.npy"));
    assertThat(half.exitCode()).isEqualTo(2);
    assertThat(half.err()).contains("--logits");
    assertThat(predict("--input", file("x.npy"), "--logits", file("y.npy"), "a.png").exitCode())
        .isEqualTo(2);
  }

  private byte[] whole() throws IOException {
    NpyFile.write(folder.resolve("x.npy"), Nd4j.rand(DataType.FLOAT, 1, 3, 16, 16));
    return Files.readAllBytes(folder.resolve("x.npy"));
  }

  private void assertRefused(String message) {
    Run run = predict("--input", file("x.npy"), "--logits", file("y.npy"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(message);
    assertThat(folder.resolve("y.npy")).doesNotExist();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private Run predict(String... arguments) {
    List<String> all = new ArrayList<>(List.of("predict", "--model", file("model.zip")));
    all.addAll(List.of(arguments));
    return Run.of(all.toArray(String[]::new));
  }

  private Checkpoint save(String... classes) {
    Recipe recipe = Recipe.of(MODEL.arch());
    Card card = Card.untrained(MODEL, recipe, List.of(classes));
    Checkpoint checkpoint = new Checkpoint(MODEL.build(classes.length, recipe), card);
    checkpoint.save(folder.resolve("model.zip"));
    return checkpoint;
  }

  private static double percent(String line) {
    return Double.parseDouble(line.strip().split(" ")[0]);
  }
}
