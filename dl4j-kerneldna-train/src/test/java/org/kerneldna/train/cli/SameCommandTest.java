package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SameCommandTest {

  private static String again(String... arguments) {
    return SameCommand.of(
        KernelDNA.commandLine().parseArgs(arguments).subcommand(), StartOptions.PLACES);
  }

  @Test
  void keepsAllOptionsButThoseOfThePlaceToStart() {
    assertThat(
            again(
                "train",
                "--data",
                "my images",
                "-b=64",
                "--customize",
                "--no-small-stem",
                "--resume",
                "auto",
                "--ui"))
        .isEqualTo(
            "kerneldna train --data='my images' --batch-size=64 --customize --no-small-stem --ui=9000");
  }

  @Test
  void quotesWhatAShellWouldReadOtherwise() {
    assertThat(SameCommand.quoted("it's")).isEqualTo("'it'\\''s'");
    assertThat(SameCommand.quoted("runs/a-b_1.zip")).isEqualTo("runs/a-b_1.zip");
  }
}
