package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.ImageDataset;
import org.nd4j.linalg.api.ndarray.INDArray;

class TrainingRunTest {

  private static final ModelSpec SPEC = new ModelSpec("resnet18", true, 16, 1, true);
  private static final Recipe RECIPE =
      Recipe.builder().epochs(4).warmupEpochs(1).lr(0.05).batchSize(16).build();

  @TempDir Path temp;
  private static ImageDataset images;

  @BeforeAll
  static void unpack(@TempDir Path folder) throws IOException {
    images = ImageDataset.open(TestImages.unpack(folder, 5));
  }

  private Checkpoint untrained() {
    return new Checkpoint(
        SmallGraph.create(16, images.classes().size(), RECIPE),
        Card.untrained(SPEC, RECIPE, images.classes()));
  }

  private TrainingRun run(Checkpoint start, Path folder) {
    return TrainingRun.builder()
        .start(start)
        .data(images)
        .workers(2)
        .checkpoints(folder)
        .logs(folder)
        .build();
  }

  @Test
  void resumedTrainingGoesOnAsIfUninterrupted() throws IOException {
    Checkpoint whole = untrained();
    List<EpochSummary> uninterrupted = run(whole, temp.resolve("whole")).run();

    Path folder = temp.resolve("parts");
    TrainingRun interrupted = run(untrained(), folder);
    interrupted.nextEpoch();
    interrupted.nextEpoch();
    Checkpoint resumed = Checkpoint.load(folder.resolve(TrainingRun.LATEST));
    List<EpochSummary> rest = run(resumed, folder).run();

    assertThat(rest).extracting(EpochSummary::epoch).containsExactly(3, 4);
    for (int i = 0; i < rest.size(); i++) {
      EpochSummary expected = uninterrupted.get(i + 2);
      assertThat(rest.get(i).trainLoss()).isCloseTo(expected.trainLoss(), within(1e-6));
      assertThat(rest.get(i).evalLoss()).isCloseTo(expected.evalLoss(), within(1e-6));
      assertThat(rest.get(i).lr()).isEqualTo(expected.lr());
    }
    INDArray difference = resumed.graph().params().sub(whole.graph().params());
    assertThat(difference.amaxNumber().doubleValue()).isLessThan(1e-6);
    assertThat(Files.readAllLines(folder.resolve("summary.csv"))).hasSize(5);
  }

  @Test
  void theSameSeedGivesTheSameTraining() {
    EpochSummary first = run(untrained(), temp.resolve("first")).nextEpoch().orElseThrow();
    EpochSummary second = run(untrained(), temp.resolve("second")).nextEpoch().orElseThrow();
    assertThat(second.trainLoss()).isEqualTo(first.trainLoss());
  }

  @Test
  void bestCheckpointIsOfTheEpochWithTheHighestTop1() {
    TrainingRun run = run(untrained(), temp);
    double best = run.run().stream().mapToDouble(EpochSummary::evalTop1).max().orElseThrow();
    assertThat(Checkpoint.load(temp.resolve(TrainingRun.BEST)).card().bestTop1()).isEqualTo(best);
    assertThat(Checkpoint.load(temp.resolve(TrainingRun.LATEST)).card().epoch()).isEqualTo(4);
  }
}
