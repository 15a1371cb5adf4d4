package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Recipe;
import picocli.CommandLine;

class DemoCommandTest {

  @TempDir Path out;

  @Test
  void comparesBothNetworksInATableAJsonFileAndPictures() throws IOException {
    CommandLine command = KernelDNA.commandLine();
    DemoCommand demo = command.getSubcommands().get("demo").getCommand();
    demo.recipe = Recipe.builder().epochs(1).lr(0.02).weightDecay(5e-4).batchSize(100).build();
    Path json = out.resolve("demo.json");
    Run run = Run.of(command, "demo", "--out", out.toString(), "--json", json.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("MACs", "top-1", "resnet18 static", "resnet18 KernelDNA", out.toString());

    JsonNode models = new ObjectMapper().readTree(json.toFile()).get("models");
    assertThat(models).hasSize(2);
    for (JsonNode model : models) {
      assertThat(model.get("arch").asText()).isEqualTo("resnet18");
      assertThat(model.get("top1").asDouble()).isPositive();
      assertThat(model.get("top5").asDouble()).isBetween(model.get("top1").asDouble(), 100.0);
      assertThat(model.get("macs").asLong()).isPositive();
      assertThat(model.get("train_images_per_second").asDouble()).isPositive();
      assertThat(model.get("inference_images_per_second").asDouble()).isPositive();
    }
    assertThat(models.get(0).get("customize").asBoolean()).isFalse();
    assertThat(models.get(1).get("params").asLong())
        .isLessThan(models.get(0).get("params").asLong());

    for (String picture :
        new String[] {"loss", "top1", "confusion-static", "confusion-kerneldna"}) {
      assertThat(ImageIO.read(out.resolve(picture + ".png").toFile()).getWidth()).isEqualTo(800);
    }
  }
}
