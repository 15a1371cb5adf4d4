package org.kerneldna.layers.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.deeplearning4j.config.DL4JSystemProperties.DISABLE_HELPER_PROPERTY;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class BackendTest {

  @Test
  void aStockGraphIsLeftAloneAndTheBackendIsLoggedOnce() throws Exception {
    var lines = stockUser(List.of());
    assertThat(lines).contains("strided null", "norm null", "max null", "property null");
    assertThat(lines)
        .filteredOn(line -> line.contains(Backend.class.getName()))
        .singleElement()
        .asString()
        .contains("INFO", "oneDNN o");
  }

  @Test
  void theUsersOwnPropertyDoesWhatItDoesInDl4j() throws Exception {
    var lines = stockUser(List.of("-D" + DISABLE_HELPER_PROPERTY + "=false"));
    assertThat(lines).contains("strided null", "norm null", "max null", "property false");
  }

  @Test
  void whoAsksHasHelpersThatSayNothing() throws Exception {
    assumeTrue(Backend.oneDnn(), "oneDNN is not published for this platform");
    var lines = stockUser(List.of(), "enable");
    assertThat(lines)
        .contains("dilated null", "max null", "average null", "property null")
        .anyMatch(line -> line.startsWith("strided " + OneDnnConvolution.class.getName()))
        .anyMatch(line -> line.startsWith("norm " + OneDnnBatchNorm.class.getName()))
        .noneMatch(line -> line.matches(".*( WARN | ERROR |Exception|[Ff]ailed).*"));
  }

  @Test
  void describesWhatIsLoaded() {
    assertThat(Backend.describe())
        .startsWith("ND4J 1.0.0-")
        .contains(Nd4j.getEnvironment().isCPU() ? " on CPU, " : " on CUDA, ")
        .contains(" natives " + Loader.getPlatform())
        .containsPattern(" [1-9]\\d* threads");
  }

  @Test
  void switchingHelpersOffInNd4jIsSeen() {
    assumeTrue(Backend.oneDnn(), "oneDNN is not published for this platform");
    Nd4j.getEnvironment().allowHelpers(false);
    try {
      assertThat(Backend.oneDnn()).isFalse();
    } finally {
      Nd4j.getEnvironment().allowHelpers(true);
    }
  }

  @Test
  void switchingOneDnnOffInNd4jIsSeen() throws Exception {
    assumeTrue(Backend.oneDnn(), "oneDNN is not published for this platform");
    var environment =
        Class.forName("org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu$Environment")
            .getMethod("getInstance")
            .invoke(null);
    var use = environment.getClass().getMethod("setUseONEDNN", boolean.class);
    use.invoke(environment, false);
    try {
      assertThat(Backend.oneDnn()).isFalse();
    } finally {
      use.invoke(environment, true);
    }
  }

  @Test
  void theRemedyNamesTheDependencyWhereOneIsPublished() {
    assertThat(Backend.remedy("windows-x86_64", "1.2.3"))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("<artifactId>nd4j-native</artifactId>")
                    .contains("<version>1.2.3</version>")
                    .contains("<classifier>windows-x86_64-onednn</classifier>"));
    assertThat(Backend.remedy("linux-arm64", "1.2.3")).isEmpty();
  }

  /** Runs {@link StockUser} in a JVM of its own, in which ND4J starts afresh; its output. */
  private static List<String> stockUser(List<String> options, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens"))
            .toList());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), StockUser.class.getName()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
