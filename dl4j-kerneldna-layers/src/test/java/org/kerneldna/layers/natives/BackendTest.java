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
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNSubsamplingHelper;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class BackendTest {

  @Test
  void aStockGraphHasHelpersAndTheBackendIsLoggedOnce() throws Exception {
    assumeTrue(Backend.oneDnn(), "oneDNN is not published for this platform");
    var lines = stockUser();
    assertThat(lines)
        .filteredOn(line -> line.contains("Helper@"))
        .hasSize(6)
        .anyMatch(line -> line.startsWith("strided " + MKLDNNConvHelper.class.getName()))
        .anyMatch(line -> line.startsWith("norm " + MKLDNNBatchNormHelper.class.getName()))
        .anyMatch(line -> line.startsWith("max " + MKLDNNSubsamplingHelper.class.getName()));
    assertThat(lines)
        .filteredOn(line -> line.contains(Backend.class.getName()))
        .singleElement()
        .asString()
        .contains("INFO", "oneDNN on, DL4J layer helpers on");
  }

  @Test
  void theUsersOwnPropertyWins() throws Exception {
    assumeTrue(Backend.oneDnn(), "oneDNN is not published for this platform");
    var lines = stockUser("-D" + DISABLE_HELPER_PROPERTY + "=true");
    assertThat(lines).contains("strided null", "norm null", "max null");
    assertThat(lines).anyMatch(line -> line.contains("oneDNN on, DL4J layer helpers off"));
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
  private static List<String> stockUser(String... options)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens"))
            .toList());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath(), StockUser.class.getName()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
