package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryCsvTest {

  private static final String HEADER =
      "epoch,lr,train_loss,train_top1,train_images_per_second,train_data_wait,train_bad_images,"
          + "eval_loss,eval_top1,eval_top5,eval_images_per_second,eval_bad_images";

  @TempDir Path folder;

  private static EpochSummary epoch(int epoch) {
    return new EpochSummary(epoch, 0.1, 1.25, 50, 33, 2.5, 0, 1.5, 40, 80, 99, 2);
  }

  @Test
  void hasARowOfEveryEpoch() throws IOException {
    Path file = folder.resolve("summary.csv");
    SummaryCsv csv = SummaryCsv.open(file, 0);
    csv.add(epoch(1));
    csv.add(epoch(2));
    assertThat(Files.readAllLines(file))
        .containsExactly(
            HEADER,
            "1,0.100000,1.250000,50.000,33.0,2.5,0,1.500000,40.000,80.000,99.0,2",
            "2,0.100000,1.250000,50.000,33.0,2.5,0,1.500000,40.000,80.000,99.0,2");
  }

  @Test
  void rowsOfEpochsThatAreDoneAgainAreDropped() throws IOException {
    Path file = folder.resolve("summary.csv");
    // As after going on from an imported training of three epochs.
    SummaryCsv csv = SummaryCsv.open(file, 3);
    csv.add(epoch(4));
    csv.add(epoch(5));
    SummaryCsv resumed = SummaryCsv.open(file, 4);
    resumed.add(epoch(5));
    assertThat(Files.readAllLines(file)).hasSize(3);
    assertThat(resumed.rows()).extracting(row -> row.get("epoch")).containsExactly("4", "5");
  }

  @Test
  void columnsThatAnOlderFileLacksStayEmpty() throws IOException {
    Path file = Files.write(folder.resolve("summary.csv"), List.of("epoch,train_loss", "1,2.5"));
    SummaryCsv.open(file, 1).add(epoch(2));
    assertThat(Files.readAllLines(file)).startsWith(HEADER, "1,,2.5,,,,,,,,,");
  }
}
