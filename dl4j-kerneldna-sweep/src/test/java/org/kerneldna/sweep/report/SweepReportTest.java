package org.kerneldna.sweep.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.sweep.SweepConfig;
import org.kerneldna.sweep.journal.Event;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.space.Modulation;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;

class SweepReportTest {

  private static final String REASON = "broken </script><b>, \"quoted\"";

  @TempDir private Path folder;

  @Test
  void theTableHasARowACandidate() throws IOException {
    new SweepReport(folder).write(history());
    List<String> lines = Files.readAllLines(folder.resolve(SweepReport.CSV));
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0))
        .startsWith("candidate,status,top1,epochs_done,parameters,macs,latency_ms,arch,customize,")
        .endsWith(
            "warmup_epochs,label_smoothing,color_jitter,trivial_augment,random_erasing,mixup,cutmix,"
                + "reason");
    assertThat(lines.get(1))
        .startsWith("0,finished,61.500,2,1000,2000,1.5,resnet18,true,0,4,filter")
        .endsWith(",0.1,0.0,true,0.0,0.0,0.0,");
    assertThat(lines.get(2))
        .startsWith("1,failed,,0,,,,")
        .endsWith(",\"broken </script><b>, \"\"quoted\"\"\"");
    assertThat(lines.get(3)).startsWith("2,running,,0,,,,");
  }

  @Test
  void thePageHoldsAllAndNeedsNothingElse() throws IOException {
    new SweepReport(folder).write(history());
    String page = Files.readString(folder.resolve(SweepReport.HTML));
    assertThat(page).doesNotContain("{{").doesNotContain("http:").doesNotContain("https:");
    assertThat(page).doesNotContain("src=").doesNotContain("href=").doesNotContain("import(");

    JsonNode data = data(page);
    assertThat(data.at("/candidates/0/score").asDouble()).isEqualTo(61.5);
    assertThat(data.at("/candidates/0/top1/1").asDouble()).isEqualTo(61.5);
    assertThat(data.at("/candidates/0/cost/latency_ms").asDouble()).isEqualTo(1.5);
    assertThat(data.at("/candidates/1/reason").asText()).isEqualTo(REASON);
    assertThat(data.at("/candidates/1/score").isNull()).isTrue();
    assertThat(data.at("/scores")).hasSize(1);
    assertThat(data.at("/config/space/lr").asDouble()).isEqualTo(0.1);
  }

  private static JsonNode data(String page) throws IOException {
    Matcher script =
        Pattern.compile(
                "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(page);
    assertThat(script.find()).isTrue();
    return new ObjectMapper().readTree(script.group(1));
  }

  private static History history() {
    Settings settings =
        Settings.builder()
            .arch("resnet18")
            .customize(true)
            .plainClusters(0)
            .gateRatio(4)
            .modulation(Modulation.FILTER)
            .width(0.25)
            .lr(0.1)
            .weightDecay(1e-4)
            .momentum(0.9)
            .batchSize(32)
            .epochs(2)
            .warmupEpochs(0)
            .labelSmoothing(0.1)
            .trivialAugment(true)
            .build();
    SweepConfig config =
        new SweepConfig(null, null, null, null, Map.of("lr", 0.1), null, null, null, 3, null, null);
    return History.of(
        List.of(
            new Event.Opened(config, 0),
            new Event.Started(0, settings, 2, 1),
            new Event.Finished(0, List.of(50.0, 61.5), new Cost(1000, 2000, 1.5), 9),
            new Event.Started(1, settings, 2, 10),
            new Event.Failed(1, REASON, 11),
            new Event.Started(2, settings, 2, 12)));
  }
}
