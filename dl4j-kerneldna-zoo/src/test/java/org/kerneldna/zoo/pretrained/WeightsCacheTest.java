package org.kerneldna.zoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.deeplearning4j.zoo.PretrainedType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server on this machine. */
class WeightsCacheTest {

  private static final byte[] CONTENT = new byte[300_000];

  static {
    new Random(1).nextBytes(CONTENT);
  }

  @TempDir Path folder;
  private WeightsServer server;
  private WeightsCache cache;

  @BeforeEach
  void start() throws IOException {
    server = new WeightsServer(CONTENT);
    cache = new WeightsCache(folder.resolve("cache"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void downloadsOnce() throws Exception {
    Path file = cache.fetch(weights(server.url()));
    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(cache.fetch(weights(server.url()))).isEqualTo(file);
    assertThat(server.ranges()).containsExactly((String) null);
    assertThat(file.getParent()).isDirectoryContaining("glob:**weights.pth");
    assertThat(Files.list(file.getParent())).hasSize(1);
  }

  @Test
  void goesOnWhereItStopped() throws Exception {
    server.breakAfter(100_000);
    assertThatThrownBy(() -> cache.fetch(weights(server.url())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(server.url().toString());
    Path part = folder.resolve("cache/weights.pth.part");
    long received = Files.size(part);
    assertThat(received).isBetween(1L, 100_000L);

    server.breakAfter(Integer.MAX_VALUE);
    assertThat(cache.fetch(weights(server.url()))).hasBinaryContent(CONTENT);
    assertThat(server.ranges()).containsExactly(null, "bytes=" + received + "-");
    assertThat(part).doesNotExist();
  }

  @Test
  void startsAgainWhereThePartIsNone() throws Exception {
    Files.createDirectories(folder.resolve("cache"));
    Files.write(folder.resolve("cache/weights.pth.part"), new byte[CONTENT.length]);
    assertThat(cache.fetch(weights(server.url()))).hasBinaryContent(CONTENT);
  }

  @Test
  void refusesWhatIsNotWhatTheCatalogueSays() throws Exception {
    byte[] other = Arrays.copyOf(CONTENT, CONTENT.length);
    other[5]++;
    String checksum = sha256(other);
    assertThatThrownBy(() -> cache.fetch(weights(server.url(), checksum)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(checksum)
        .hasMessageContaining(sha256(CONTENT));
    assertThat(Files.list(folder.resolve("cache"))).isEmpty();
  }

  @Test
  void replacesADamagedFile() throws Exception {
    Files.createDirectories(folder.resolve("cache"));
    Files.write(folder.resolve("cache/weights.pth"), new byte[10]);
    assertThat(cache.fetch(weights(server.url()))).hasBinaryContent(CONTENT);
  }

  @Test
  void aChecksumsBeginningIsEnough() throws Exception {
    assertThat(cache.fetch(weights(server.url(), sha256(CONTENT).substring(0, 8)))).exists();
  }

  @Test
  void usesAFileOfThisMachineWhereItIs() throws Exception {
    Path file = Files.write(folder.resolve("mine.pth"), CONTENT);
    assertThat(cache.fetch(weights(file.toUri()))).isEqualTo(file);
    assertThat(folder.resolve("cache")).doesNotExist();

    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> cache.fetch(weights(file.toUri()))).hasMessageContaining("SHA-256");
    Files.delete(file);
    assertThatThrownBy(() -> cache.fetch(weights(file.toUri())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + ", the weights of ResNet18 in the catalogue, is not a file");
  }

  @Test
  void saysWhatTheServerAnswers() {
    assertThatThrownBy(() -> cache.fetch(weights(server.url("other.pth"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("404");
  }

  @Test
  void saysWhatToDoOffline() {
    URI url = server.url();
    server.close();
    assertThatThrownBy(() -> cache.fetch(weights(url)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(url + " cannot be reached")
        .hasMessageContaining("bring the file to " + folder.resolve("cache/weights.pth"));
  }

  private static PretrainedWeights weights(URI url) throws Exception {
    return weights(url, sha256(CONTENT));
  }

  private static PretrainedWeights weights(URI url, String sha256) {
    return new PretrainedWeights("ResNet18", null, PretrainedType.IMAGENET, url, sha256, "a test");
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
