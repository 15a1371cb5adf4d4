package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher in a checkout that is not built yet. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {

  private static final Path LAUNCHER = Path.of("..", "kerneldna");

  @TempDir private Path checkout;

  /** Maven cannot start in a path whose letters its Java does not know. */
  @ParameterizedTest
  @ValueSource(strings = {"", "C", "xx_XX.UTF-8"})
  void buildsWithAllLettersInEveryLanguage(String language) throws Exception {
    Files.copy(LAUNCHER, checkout.resolve("kerneldna"));
    script("mvnw", "\"$JAVA_HOME/bin/java\" -XshowSettings:properties -version; exit 1");

    assertThat(launch(language))
        .containsPattern("sun.jnu.encoding = UTF-8")
        .contains("kerneldna: the build failed");
  }

  private void script(String name, String commands) throws IOException {
    Path script = Files.writeString(checkout.resolve(name), "#!/bin/sh\n" + commands + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  private String launch(String language) throws IOException, InterruptedException {
    Path out = checkout.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder("sh", checkout.resolve("kerneldna").toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("LC_"));
    builder.environment().put("LANG", language);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    assertThat(builder.start().waitFor()).isEqualTo(1);
    return Files.readString(out, StandardCharsets.UTF_8);
  }
}
