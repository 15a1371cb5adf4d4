package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.Gadget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.deeplearning4j.zoo.PretrainedType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.torch.Safetensors;

/** Pretrained weights from catalogues. */
class PretrainedTest {

  @TempDir Path folder;

  @BeforeEach
  void moveDl4jsFolder() {
    DL4JResources.setBaseDirectory(folder.toFile());
  }

  @AfterEach
  void moveItBack() {
    DL4JResources.resetBaseDirectoryLocation();
  }

  @Test
  void torchvisionsAreKnown() {
    for (Architecture architecture : Architecture.values()) {
      ZooNetwork network = architecture.builder(false).build();
      boolean has = architecture != Architecture.MOBILENET_V2_1D2;
      assertThat(network.pretrainedAvailable(PretrainedType.IMAGENET)).isEqualTo(has);
      assertThat(network.pretrainedAvailable(PretrainedType.MNIST)).isFalse();
      assertThat(architecture.builder(true).build().pretrainedAvailable(PretrainedType.IMAGENET))
          .isFalse();
    }
    assertThat(ResNet18.builder().build().pretrainedUrl(PretrainedType.IMAGENET))
        .isEqualTo("https://download.pytorch.org/models/resnet18-f37072fd.pth");
  }

  @Test
  void aUserListsTensors() throws Exception {
    ZooNetwork network = network(1);
    ComputationGraph graph = network.init();
    Path file = folder.resolve("mine.safetensors");
    Safetensors.write(file, TorchWeights.of(network).read(graph), Map.of());
    list("KernelDNAResNet18", "mine.safetensors", sha256(file));

    ComputationGraph pretrained = network(2).initPretrained(PretrainedType.MNIST);

    assertThat(pretrained.params()).isEqualTo(graph.params());
  }

  /** Paths are meant as they are; a URL may spell the same signs either way. */
  @Test
  void aPathHasAnySign() throws Exception {
    ZooNetwork network = network(1);
    ComputationGraph graph = network.init();
    Path file = folder.resolve("gr\u00f6\u00dfe 100% #1?: a%20b.safetensors");
    Safetensors.write(file, TorchWeights.of(network).read(graph), Map.of());
    String plainUrl = "file://" + file.toString().replace("% ", "%25 ").replace("%20", "%2520");
    for (String url :
        List.of(
            file.getFileName().toString(), file.toString(), file.toUri().toString(), plainUrl)) {
      list("KernelDNAResNet18", url, sha256(file));
      assertThat(network(2).initPretrained(PretrainedType.MNIST).params())
          .isEqualTo(graph.params());
    }
  }

  @Test
  void aGraphThatBringsCodeIsRefused() throws Exception {
    Path file = folder.resolve("mine.zip");
    ModelSerializer.writeModel(network(1).init(), file.toFile(), false);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Gadget());
    }
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      Files.write(zip.getPath("preprocessor.bin"), bytes.toByteArray());
    }
    list("KernelDNAResNet18", "mine.zip", sha256(file));
    System.clearProperty(Gadget.RAN);
    assertThatThrownBy(() -> network(2).initPretrained(PretrainedType.MNIST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " has an entry \"preprocessor.bin\"");
    assertThat(System.getProperty(Gadget.RAN)).isNull();
  }

  @Test
  void aUserListsASavedGraph() throws Exception {
    ComputationGraph graph = network(1).init();
    Path file = folder.resolve("mine.zip");
    ModelSerializer.writeModel(graph, file.toFile(), false);
    list("KernelDNAResNet18", file.toUri().toString(), sha256(file));

    ComputationGraph pretrained = network(2).initPretrained(PretrainedType.MNIST);

    assertThat(pretrained.params()).isEqualTo(graph.params());
  }

  @Test
  void aUsersEntryComesFirst() throws IOException {
    Files.writeString(
        folder.resolve("kerneldna-pretrained.json"),
        """
        [{"model": "ResNet18", "type": "IMAGENET", "url": "https://example.org/a.pth",
          "sha256": "01234567"}]
        """);
    assertThat(ResNet18.builder().build().pretrainedUrl(PretrainedType.IMAGENET))
        .isEqualTo("https://example.org/a.pth");
  }

  @Test
  void weightsOfAnotherNetworkAreRefused() throws Exception {
    ZooNetwork other = ResNet18.builder().numClasses(2).width(0.05).build();
    Path file = folder.resolve("mine.safetensors");
    Safetensors.write(file, TorchWeights.of(other).read(other.init()), Map.of());
    list("KernelDNAResNet18", "mine.safetensors", sha256(file));
    assertThatThrownBy(() -> network(2).initPretrained(PretrainedType.MNIST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("build KernelDNAResNet18 as the weights are");
  }

  @Test
  void whatIsNotListedIsSaidSo() {
    assertThatThrownBy(() -> network(1).initPretrained(PretrainedType.IMAGENET))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("KernelDNAResNet18 with width 0.05")
        .hasMessageContaining(folder.resolve("kerneldna-pretrained.json").toString());
  }

  @Test
  void aBrokenCatalogueIsNamed() throws IOException {
    Path file = folder.resolve("kerneldna-pretrained.json");
    Files.writeString(file, "[{\"model\": ");
    assertBroken(file, "line 1: Unexpected end-of-input");
    Files.writeString(file, "[{\"model\": \"ResNet18\"}]");
    assertBroken(file, "\"type\" of ResNet18 is missing");
    list("ResNet18", "a.pth", "01234567");
    Files.writeString(file, Files.readString(file).replace("width", "colour"));
    assertBroken(file, "colour");
    list("ResNet18", "a.pth", "xyz");
    assertBroken(file, "\"sha256\" of ResNet18 must be 8 to 64 hexadecimal digits, got \"xyz\"");
  }

  private static void assertBroken(Path file, String what) {
    assertThatThrownBy(() -> network(1).initPretrained(PretrainedType.IMAGENET))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(what)
        .extracting(Throwable::getMessage)
        .asString()
        .hasLineCount(1);
  }

  private void list(String model, String url, String sha256) throws IOException {
    Files.writeString(
        folder.resolve("kerneldna-pretrained.json"),
        """
        [{"model": "%s", "width": 0.05, "type": "MNIST", "url": "%s", "sha256": "%s"}]
        """
            .formatted(model, url, sha256));
  }

  private static ZooNetwork network(long seed) {
    return KernelDNAResNet18.builder().numClasses(2).width(0.05).seed(seed).build();
  }

  private static String sha256(Path file) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }
}
