package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.SmallGraph;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageFolder;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.zoo.ImageNet;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PredictCommandTest {

  private static final int SIZE = 16;
  private static final Recipe RECIPE =
      Recipe.builder().epochs(1).lr(0.02).weightDecay(5e-4).batchSize(8).build();

  @TempDir static Path shared;
  private static ImageFolder images;
  private static Path model;
  private static Checkpoint checkpoint;

  @TempDir Path folder;

  @BeforeAll
  static void create() throws IOException {
    images = ImageFolder.open(TestImages.unpack(shared.resolve("data"), 1).resolve("val"));
    model = shared.resolve("model.zip");
    checkpoint = save(model, images.classes());
  }

  /** A network whose answers differ from image to image. */
  private static Checkpoint save(Path file, List<String> classes) {
    ComputationGraph graph = SmallGraph.create(SIZE, classes.size(), RECIPE);
    graph.getLayer("fc").getParam("W").muli(20);
    Card card = Card.untrained(new ModelSpec("resnet18", false, SIZE, 1, true), RECIPE, classes);
    Checkpoint checkpoint = new Checkpoint(graph, card);
    checkpoint.save(file);
    return checkpoint;
  }

  private static Run predict(Path model, Object... arguments) {
    return Run.of(
        Stream.concat(
                Stream.of("predict", "--model", model.toString()),
                Arrays.stream(arguments).map(Object::toString))
            .toArray(String[]::new));
  }

  /** What is printed for an image whose classes have these probabilities. */
  private static List<String> lines(Path image, float[] probabilities, List<String> names) {
    List<String> lines = new ArrayList<>(List.of(image.toString()));
    IntStream.range(0, probabilities.length)
        .boxed()
        .sorted((a, b) -> Float.compare(probabilities[b], probabilities[a]))
        .limit(5)
        .map(
            i -> String.format(Locale.ROOT, "  %6.2f %%  %s", 100 * probabilities[i], names.get(i)))
        .forEach(lines::add);
    return lines;
  }

  @Test
  void printsTheFiveMostProbableClassesOfEveryImage() {
    List<String> expected = new ArrayList<>();
    ImagePipeline pipeline = new ImagePipeline(checkpoint.card().normalization(), SIZE, 1, 1);
    try (ImageBatches batches = pipeline.evaluation(images)) {
      for (int i = 0; batches.hasNext(); i++) {
        INDArray probabilities = checkpoint.graph().outputSingle(batches.next().getFeatures());
        expected.addAll(
            lines(images.images().get(i), probabilities.toFloatVector(), images.classes()));
      }
    }
    Run run = predict(model, images.images().toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).containsExactlyElementsOf(expected).hasSize(60);
  }

  @Test
  void aNetworkOfTwoClassesHasTwoLines() {
    Path two = folder.resolve("two.zip");
    save(two, List.of("cat", "n02099601"));
    Run run = predict(two, images.images().get(0));
    assertThat(run.out().lines()).hasSize(3);
    assertThat(run.out()).contains("%  cat", "%  n02099601").doesNotContain("retriever");
  }

  @Test
  void imageNetsClassesHaveEnglishNames() {
    Path imageNet = folder.resolve("imagenet.zip");
    Checkpoint network = save(imageNet, ImageNet.classes());
    network.graph().getLayer("fc").getParam("b").putScalar(207, 100);
    network.save(imageNet);
    Run run = predict(imageNet, images.images().get(0));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().toList().get(1))
        .isEqualTo("  100.00 %  golden retriever (n02099601)");
  }

  @Test
  void filesThatAreNoImagesAreNamedAndTheOthersPredicted() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.png"), "not an image");
    Path huge = Files.writeString(folder.resolve("huge.pgm"), "P5 20000 20000 255 ");
    Path missing = folder.resolve("missing.png");
    List<Path> good = images.images().subList(0, 2);
    Run run = predict(model, good.get(0), broken, huge, missing, good.get(1));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains(good.get(0).toString(), good.get(1).toString());
    assertThat(run.out().lines()).hasSize(12);
    assertThat(run.err().lines())
        .containsExactly(
            "kerneldna predict: "
                + broken
                + " cannot be used: not an image of a known format; give a JPEG, PNG, GIF, BMP, TIFF, WEBP or PNM",
            "kerneldna predict: "
                + huge
                + " cannot be used: 20000 x 20000 pixels are more than the limit of 178956970; give a JPEG, PNG, GIF, BMP, TIFF, WEBP or PNM",
            "kerneldna predict: " + missing + " is not a file: give an image");
  }

  @Test
  void logitsOfAnyNumberOfImagesAreThoseBeforeTheSoftmax() throws IOException {
    INDArray input = Nd4j.rand(DataType.FLOAT, 70, 3, SIZE, SIZE).dup('c');
    Path file = npy(input);
    Path logits = folder.resolve("new/y.npy");
    Run run = predict(model, "--input", file, "--logits", logits);
    assertThat(run.exitCode()).as(run.err()).isZero();
    INDArray actual = Nd4j.createFromNpyFile(logits.toFile());
    INDArray expected = checkpoint.graph().feedForward(input, false).get("fc");
    assertThat(actual.shape()).containsExactly(70, 10);
    assertThat(actual.equalsWithEps(expected, 1e-5)).isTrue();
    assertThat(expected.std().getDouble(0)).isGreaterThan(0.1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2,3,16", "2,1,16,16", "2,3,16,8", "2,3,32,32", "3"})
  void tensorsOfAnotherShapeAreRefused(String shape) throws IOException {
    long[] dimensions = Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray();
    Path file = npy(Nd4j.zeros(DataType.FLOAT, dimensions));
    Path logits = folder.resolve("y.npy");
    Run run = predict(model, "--input", file, "--logits", logits);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .containsExactly(
            "kerneldna predict: %s has shape %s: give [N, 3, 16, 16], which %s takes, N at least 1"
                .formatted(file, Arrays.toString(dimensions), model));
    assertThat(logits).doesNotExist();
  }

  @Test
  void aMissingInputFailsInOneLine() {
    Path missing = folder.resolve("missing.npy");
    Run run = predict(model, "--input", missing, "--logits", folder.resolve("y.npy"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(missing + " is not a file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "--input x.npy", "--logits y.npy", "a.png --input x.npy --logits y.npy"})
  void anythingButOneOfTheTwoUsesIsWrongUsage(String arguments) {
    Run run = predict(model, Stream.of(arguments.split(" ")).filter(a -> !a.isEmpty()).toArray());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines()).hasSize(2);
    assertThat(run.err()).startsWith("kerneldna predict: ").contains("--input and --logits");
  }

  @Test
  void optionsMayStandBetweenImages() {
    List<Path> two = images.images().subList(0, 2);
    Run run =
        Run.of(
            "predict", two.get(0).toString(), "--model", model.toString(), two.get(1).toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(12);
  }

  @Test
  void helpNamesTheExitCodes() {
    assertThat(Run.of("predict", "--help").out())
        .contains("Usage: kerneldna predict", "IMAGE...", "Exit codes:");
  }

  private Path npy(INDArray array) throws IOException {
    Path file = folder.resolve("x.npy");
    Nd4j.writeAsNumpy(array, file.toFile());
    return file;
  }
}
