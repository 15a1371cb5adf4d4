package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.CheckpointFolder;
import org.kerneldna.train.TestImages;

/** The program in languages, character sets and places that are not the developer's. */
class SurroundingsTest {

  private static final Locale ARABIC = Locale.forLanguageTag("ar-EG-u-nu-arab");

  @TempDir private Path temp;

  /** The command line in a process of its own. */
  private Run run(Map<String, String> environment, List<String> options, String... args)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        KernelDNAProcess.of(options, List.of(args))
            .redirectOutput(temp.resolve("out").toFile())
            .redirectError(temp.resolve("err").toFile());
    builder.environment().putAll(environment);
    int exitCode = builder.start().waitFor();
    return new Run(exitCode, read("out"), read("err"));
  }

  private String read(String name) throws IOException {
    return Files.readString(temp.resolve(name), StandardCharsets.UTF_8);
  }

  private static String[] train(Path checkpoints, String... options) {
    List<String> args = new ArrayList<>(List.of("train", "--dummy=2", "--small-stem"));
    args.addAll(List.of("--image-size=16", "--width=0.125", "--batch-size=10", "--workers=1"));
    args.addAll(List.of("--ckpt-dir", checkpoints.toString()));
    args.addAll(List.of(options));
    return args.toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar", "fa", "de"})
  void figuresAreEnglishInEveryLanguage(String language) throws Exception {
    Run run = run(Map.of(), List.of("-Duser.language=" + language), train(temp, "--epochs=1"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("best top-1 [0-9]+\\.[0-9]{2} % after 1 epochs");
    assertThat(run.err())
        .containsPattern("(?m)^[0-9]{2}:[0-9]{2}:[0-9]{2} INFO")
        .containsPattern("[0-9]{3},[0-9]{3} parameters");
  }

  /** In a Java program of somebody else's, whose language is not ours to change. */
  @Test
  void checkpointsAreFoundAgainInEveryLanguage() throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(ARABIC);
    try {
      Run run = Run.of(train(temp, "--epochs=3", "--keep=3"));
      assertThat(run.exitCode()).as(run.err()).isZero();
    } finally {
      Locale.setDefault(before);
    }
    assertThat(TestImages.list(temp).stream().map(file -> file.getFileName().toString()))
        .contains("epoch-0001.zip", "epoch-0002.zip", CheckpointFolder.LATEST);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aCharacterSetThatLacksLettersIsSaid() throws Exception {
    Run run = run(Map.of("LC_ALL", "C"), List.of(), "metrics", "--arch=resnet18", "--params");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("set LC_ALL=C.UTF-8");
  }

  @Test
  void nativeLibrariesThatCannotBeUnpackedAreAMatterOfTheirFolder() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));
    List<String> options =
        List.of("-Duser.home=" + file, "-Djava.io.tmpdir=" + file, "-Dlogback.debug=false");

    Run run = run(Map.of(), options, "metrics", "--arch=resnet18", "--latency");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).doesNotContain("\tat ");
    assertThat(run.err().lines().filter(line -> line.startsWith("kerneldna")))
        .singleElement()
        .asString()
        .startsWith("kerneldna metrics: a native library cannot be loaded (")
        .endsWith("a folder that has room and whose files may be executed");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whereNoPictureCanBeDrawnTheFiguresAreThere() throws Exception {
    Path data = TestImages.unpack(temp.resolve("data"), 1);
    assertThat(Run.of(train(temp, "--epochs=1")).exitCode()).isZero();
    Path fonts = Files.writeString(temp.resolve("fonts.conf"), "<fontconfig></fontconfig>");
    Path out = temp.resolve("cka");
    // At home Java remembers the fonts that it has found, and JavaCPP what it has unpacked.
    List<String> options =
        List.of("-Duser.home=" + temp, "-Dorg.bytedeco.javacpp.cachedir=" + Loader.getCacheDir());

    Run run =
        run(
            Map.of("FONTCONFIG_FILE", fonts.toString()),
            options,
            "cka",
            "--model=" + temp.resolve("latest.zip"),
            "--data=" + data,
            "--images=4",
            "--out=" + out);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("kerneldna")))
        .singleElement()
        .asString()
        .contains("cka.png cannot be drawn", "install fonts for Java");
    assertThat(run.err()).doesNotContain("\tat ");
    assertThat(out.resolve("cka.csv")).isNotEmptyFile();
  }
}
