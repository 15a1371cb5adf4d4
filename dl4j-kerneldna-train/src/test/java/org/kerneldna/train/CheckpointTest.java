package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Json;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class CheckpointTest {

  private static final Recipe RECIPE =
      Recipe.builder()
          .epochs(4)
          .warmupEpochs(1)
          .lr(0.05)
          .batchSize(16)
          .etaMin(0.001)
          .seed(3)
          .build();
  private static final ModelSpec SPEC = new ModelSpec("resnet18", true, 16, 0.5, true);

  @TempDir Path folder;

  private final ComputationGraph graph = SmallGraph.create(16, 2, RECIPE);

  private Card card() {
    return Card.untrained(SPEC, RECIPE, List.of("cat", "dog")).after(2, 71.5);
  }

  @Test
  void roundTripKeepsNetworkUpdaterAndCard() {
    graph.fit(new DataSet(Nd4j.rand(4, 3, 16, 16), Nd4j.eye(2).repeat(0, 2)));
    graph.incrementEpochCount();
    Path file = folder.resolve("new/latest.zip");
    new Checkpoint(graph, card()).save(file);
    Checkpoint restored = Checkpoint.load(file);
    assertThat(restored.card()).isEqualTo(card());
    assertThat(restored.graph().params()).isEqualTo(graph.params());
    assertThat(restored.graph().getUpdater().getStateViewArray())
        .isEqualTo(graph.getUpdater().getStateViewArray());
    assertThat(restored.graph().getUpdater().getStateViewArray().amaxNumber().doubleValue())
        .isPositive();
    assertThat(restored.graph().getEpochCount()).isEqualTo(1);
  }

  @Test
  void plainDl4jReadsIt() throws IOException {
    Path file = folder.resolve("best.zip");
    new Checkpoint(graph, card()).save(file);
    assertThat(ModelSerializer.restoreComputationGraph(file.toFile()).params())
        .isEqualTo(graph.params());
  }

  @Test
  void aFailedSaveLeavesTheOldFileAndNoOther() throws IOException {
    Path file = folder.resolve("latest.zip");
    Files.writeString(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    temporary -> {
                      Files.writeString(temporary, "half");
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file + " cannot be written")
        .hasMessageContaining("disk full");
    assertThat(Files.readString(file)).isEqualTo("old");
    assertThat(TestImages.list(folder)).containsExactly(file);
  }

  @Test
  void otherFilesAreNamedAsWhatTheyAreNot() throws IOException {
    Path missing = folder.resolve("missing.zip");
    assertThatThrownBy(() -> Checkpoint.load(missing))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(missing + " is not a file");
    Path text = Files.writeString(folder.resolve("text.zip"), "text");
    assertThatThrownBy(() -> Checkpoint.load(text))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(text + " is no zip file");
    Path plain = folder.resolve("plain.zip");
    ModelSerializer.writeModel(graph, plain.toFile(), false);
    assertThatThrownBy(() -> Checkpoint.load(plain))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no kerneldna.json");
  }

  /** An object whose reading leaves a mark. */
  private static final class Gadget implements Serializable {
    private static final long serialVersionUID = 1L;

    private void readObject(ObjectInputStream in) {
      System.setProperty(RAN, "deserialised");
    }
  }

  private static final String RAN = "checkpoint.gadget.ran";

  @Test
  void nothingInACheckpointIsRun() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Gadget());
    }
    Path file = saved();
    put(file, "preprocessor.bin", bytes.toByteArray());
    assertRefused(file, "an entry \"preprocessor.bin\"");
    assertThatThrownBy(() -> Checkpoint.loadCard(file)).isInstanceOf(InputException.class);
    assertThat(System.getProperty(RAN)).isNull();
    Path other = saved();
    put(other, "mean.bin", bytes.toByteArray());
    assertRefused(other, "\"mean.bin\" stands only in one of SHA256SUMS and the file");
  }

  @Test
  void aMeanIsAsLongAsTheNetwork() throws IOException {
    Path file = folder.resolve("mean.zip");
    new Checkpoint(graph, card(), Nd4j.ones(1, 3)).save(file);
    assertRefused(file, "mean.bin");
    new Checkpoint(graph, card(), graph.params().dup()).save(file);
    assertThat(Checkpoint.load(file).mean()).isEqualTo(graph.params());
  }

  /** As those of before there were checksums. */
  @Test
  void aCheckpointWithoutChecksumsIsRead() throws IOException {
    Path file = saved();
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      Files.delete(zip.getPath("SHA256SUMS"));
    }
    assertThat(Checkpoint.load(file).graph().params()).isEqualTo(graph.params());
    put(file, "kerneldna.json", "{}".getBytes());
    assertRefused(file, "is not a checkpoint");
    put(file, "kerneldna.json", new byte[40 << 20]);
    assertRefused(file, "kerneldna.json has 41,943,040 bytes");
  }

  private Path saved() {
    Path file = folder.resolve("saved.zip");
    new Checkpoint(graph, card()).save(file);
    return file;
  }

  private static void put(Path file, String entry, byte[] content) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      Files.write(zip.getPath(entry), content);
    }
  }

  private static void assertRefused(Path file, String why) {
    assertThatThrownBy(() -> Checkpoint.load(file))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(why)
        .extracting(Throwable::getMessage)
        .asString()
        .hasLineCount(1);
  }

  @Test
  void aCardOfWhatCannotBeIsRefused() throws IOException {
    String card = Json.toJson(card());
    for (String wrong :
        new String[] {
          "null",
          card.replace("\"resnet18\"", "\"nope\""),
          card.replaceFirst("\"image_size\" : \\d+", "\"image_size\" : 2147483647"),
          card.replaceFirst("\"epoch\" : \\d+", "\"epoch\" : -1"),
          card.replaceFirst("\"best_top1\" : [\\d.]+", "\"best_top1\" : \"NaN\""),
          card.replaceFirst("\"batches\" : \\d+", "\"batches\" : -5"),
        }) {
      assertThat(wrong).isNotEqualTo(card);
      Path file = folder.resolve("wrong.zip");
      new Checkpoint(graph, card()).save(file);
      try (FileSystem zip = FileSystems.newFileSystem(file)) {
        Files.writeString(zip.getPath("kerneldna.json"), wrong);
        Files.delete(zip.getPath("SHA256SUMS"));
      }
      assertRefused(file, "is not a checkpoint");
    }
  }
}
