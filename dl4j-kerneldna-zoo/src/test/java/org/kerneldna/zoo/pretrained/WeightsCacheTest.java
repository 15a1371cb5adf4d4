package org.kerneldna.zoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.deeplearning4j.zoo.PretrainedType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a server on this machine. */
class WeightsCacheTest {

  private static final byte[] CONTENT = new byte[300_000];

  private static final String NAME;

  static {
    new Random(1).nextBytes(CONTENT);
    NAME = sha256(CONTENT).substring(0, 8) + "-weights.pth";
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
    assertThat(file.getParent()).isDirectoryContaining("glob:**-weights.pth");
    assertThat(Files.list(file.getParent())).hasSize(1);
  }

  @Test
  void aFolderThatCannotBeMadeIsNamedWithTheRemedy() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    WeightsCache below = new WeightsCache(file.resolve("cache"));
    assertThatThrownBy(() -> below.fetch(weights(server.url())))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "%s cannot be used, it needs room and permission: ", file.resolve("cache"));
  }

  /** Which says on Linux that it has no room, whatever is written. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsNamedWithTheRemedy() throws Exception {
    Files.createDirectories(folder.resolve("cache"));
    Path part = folder.resolve("cache/" + NAME + ".part");
    Files.createSymbolicLink(part, Path.of("/dev/full"));
    assertThatThrownBy(() -> cache.fetch(weights(server.url())))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("%s cannot be used, it needs room and permission: ", part);
  }

  /** As a server, a firewall or a proxy does that gives up. */
  @Test
  void aConnectionThatBreaksOffIsNamedWithTheRemedy() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread hangUp = new Thread(() -> resetNext(socket));
      hangUp.start();
      URI url = URI.create("http://127.0.0.1:%d/weights.pth".formatted(socket.getLocalPort()));
      assertThatThrownBy(() -> cache.fetch(weights(url)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(url.toString())
          .hasMessageContaining("go online, or bring the file to");
      socket.close();
      hangUp.join();
    }
  }

  /** Resets every connection, for Java tries once more by itself. */
  private static void resetNext(ServerSocket server) {
    try {
      while (true) {
        Socket client = server.accept();
        client.getInputStream().read();
        client.setSoLinger(true, 0);
        client.close();
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  @Test
  void goesOnWhereItStopped() throws Exception {
    server.breakAfter(100_000);
    assertThatThrownBy(() -> cache.fetch(weights(server.url())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(server.url().toString());
    Path part = folder.resolve("cache/" + NAME + ".part");
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
    Files.write(folder.resolve("cache/" + NAME + ".part"), new byte[CONTENT.length]);
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
    Files.write(folder.resolve("cache/" + NAME), new byte[10]);
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
        .hasMessageContaining("bring the file to " + folder.resolve("cache/" + NAME));
  }

  @Test
  void filesOfOneNameHavePlacesOfTheirOwn() throws Exception {
    byte[] other = {1, 2, 3};
    server.serve("/other/weights.pth", other);
    PretrainedWeights second = weights(server.url("other/weights.pth"), sha256(other));
    Path file = cache.fetch(weights(server.url()));
    Path otherFile = cache.fetch(second);
    assertThat(cache.fetch(weights(server.url()))).isEqualTo(file).hasBinaryContent(CONTENT);
    assertThat(cache.fetch(second)).isEqualTo(otherFile).hasBinaryContent(other);
    assertThat(server.ranges()).hasSize(1);
  }

  @Test
  void aNameWithTheChecksumStaysAsItIs() {
    URI url = URI.create("https://download.pytorch.org/models/resnet18-f37072fd.pth");
    assertThat(weights(url, "f37072fd").fileName()).isEqualTo("resnet18-f37072fd.pth");
    assertThat(weights(URI.create("http://a/%2e%2e"), "01234567").fileName())
        .isEqualTo("01234567-..");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void followsRedirections(int code) throws Exception {
    server.redirect("/a/", code, "../b/?token=%20 x");
    server.redirect("/b/", code, server.url().toString());
    assertThat(cache.fetch(weights(server.url("a/weights.pth")))).hasBinaryContent(CONTENT);
  }

  @Test
  void redirectionsThatLeadNowhereAreNamed() {
    server.redirect("/loop", 307, "/loop");
    assertNotFetched(server.url("loop"), "redirects more than 10 times");
    server.redirect("/file", 308, "file:///etc/passwd");
    assertNotFetched(server.url("file"), "redirects to file:///etc/passwd, which is not followed");
    server.redirect("/none", 307, null);
    assertNotFetched(server.url("none"), "redirects to null, which is not followed");
    server.redirect("/bad", 307, "http://[");
    assertNotFetched(server.url("bad"), "redirects to http://[, which is not followed");
  }

  /** Nothing of a secure server is let go to a listener on the way. */
  @Test
  void securityIsNotGivenUp() {
    assertThat(Download.mayLead("https", "http")).isFalse();
    assertThat(Download.mayLead("http", "https")).isTrue();
    assertThat(Download.mayLead("https", "file")).isFalse();
  }

  private void assertNotFetched(URI url, String why) {
    assertThatThrownBy(() -> cache.fetch(weights(url)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(url + " cannot be downloaded: it " + why)
        .extracting(Throwable::getMessage)
        .asString()
        .hasLineCount(1);
  }

  @Test
  void aServersPathHasSpacesAndUmlauts() throws Exception {
    server.serve("/gr\u00f6\u00dfe 1/", CONTENT);
    URI url = WeightsAddress.parse(server.url() + "/../gr\u00f6\u00dfe 1/100%.pth");
    assertThat(cache.fetch(weights(url.normalize()))).hasBinaryContent(CONTENT);
  }

  private static PretrainedWeights weights(URI url) throws Exception {
    return weights(url, sha256(CONTENT));
  }

  private static PretrainedWeights weights(URI url, String sha256) {
    return new PretrainedWeights("ResNet18", null, PretrainedType.IMAGENET, url, sha256, "a test");
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
