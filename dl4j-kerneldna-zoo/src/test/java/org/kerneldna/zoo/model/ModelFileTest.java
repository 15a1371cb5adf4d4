package org.kerneldna.zoo.model;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.Gadget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.zoo.Architecture;
import org.kerneldna.zoo.io.Sha256;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** What {@link ModelFile} reads, and what it refuses. */
class ModelFileTest {

  private static final String JSON = "configuration.json";
  private static final String PARAMETERS = "coefficients.bin";
  private static final String STATE = "updaterState.bin";

  @TempDir Path folder;

  private final ComputationGraph graph = small(DataType.FLOAT);
  private Path file;
  private Map<String, byte[]> entries;

  @BeforeEach
  void save() throws IOException {
    file = folder.resolve("model.zip");
    graph.fit(new DataSet(Nd4j.rand(2, 1, 4, 4), Nd4j.eye(2)));
    ModelSerializer.writeModel(graph, file.toFile(), true);
    entries = Zips.read(file);
    System.clearProperty(Gadget.RAN);
  }

  private static ComputationGraph small(DataType type) {
    ComputationGraphConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(type)
            .updater(new Adam(0.01))
            .l2(1e-4)
            .dist(new NormalDistribution(0, 0.1))
            .graphBuilder()
            .addInputs("in")
            .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(2).build(), "in")
            .addLayer("norm", new BatchNormalization(), "conv")
            .addLayer(
                "out",
                new OutputLayer.Builder(new LossMCXENT(Nd4j.createFromArray(1f, 2f)))
                    .activation(Activation.SOFTMAX)
                    .nOut(2)
                    .build(),
                "norm")
            .setOutputs("out")
            .setInputTypes(InputType.convolutional(4, 4, 1))
            .build();
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return graph;
  }

  @ParameterizedTest
  @ValueSource(strings = {"FLOAT", "DOUBLE", "HALF"})
  void readsWhatDl4jWrites(DataType type) throws IOException {
    ComputationGraph original = small(type);
    ModelSerializer.writeModel(original, file.toFile(), true);
    assertEqual(ModelFile.readGraph(file), original);
  }

  @Test
  void readsUpdaterState() {
    ComputationGraph read = ModelFile.readGraph(file);
    assertEqual(read, graph);
    assertThat(read.getUpdater().getStateViewArray())
        .isEqualTo(graph.getUpdater().getStateViewArray());
    assertThat(read.getUpdater().getStateViewArray().amaxNumber().doubleValue()).isPositive();
  }

  @Test
  void readsDl4jsZooAndOurs() throws IOException {
    assertReads(
        SqueezeNet.builder().numClasses(2).inputShape(new int[] {3, 64, 64}).build().init());
    for (Architecture architecture : List.of(Architecture.RESNET18, Architecture.CONVNEXT_TINY)) {
      assertReads(architecture.builder(true).numClasses(2).width(0.05).build().init());
    }
  }

  private void assertReads(Model model) throws IOException {
    ModelSerializer.writeModel(model, file.toFile(), true);
    assertEqual(ModelFile.readGraph(file), (ComputationGraph) model);
  }

  private static void assertEqual(ComputationGraph read, ComputationGraph original) {
    assertThat(read.params()).isEqualTo(original.params());
    assertThat(read.getConfiguration()).isEqualTo(original.getConfiguration());
  }

  @Test
  void nothingThatTheConfigurationNamesIsRun() throws IOException {
    String activation = "org.nd4j.linalg.activations.impl.ActivationSoftmax";
    for (String name :
        List.of(
            "com.example.Gadget",
            "org.nd4j.linalg.activations.impl.ActivationSoftmax<com.example.Gadget>",
            "[Lcom.example.Gadget;",
            "java.lang.ProcessBuilder")) {
      change(JSON, activation, name);
      assertRefused("names the class " + name);
    }
    change(JSON, activation, "org.deeplearning4j.nn.conf.layers.DenseLayer");
    assertRefused("is no IActivation");
    change(JSON, activation, "org.nd4j.Missing");
    assertRefused("which is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"@class\" : \"org.nd4j.linalg.activations.impl.ActivationSoftmax\""
            + "|\"\\u0040class\" : \"com.example.Gadget\"",
        "\"type\" : \"org.deeplearning4j.nn.conf.distribution.NormalDistribution\""
            + "|\"type\" : \"com.example.Gadget\"",
        "\"@class\" : \"org.deeplearning4j.nn.conf.layers.OutputLayer\""
            + "|\"@class\" : \"com.example.Gadget\"",
        "\"weightInitFn\" :"
            + "|\"weightInit\":\"DISTRIBUTION\",\"dist\":{\"type\":\"com.example.Gadget\"},\"x\":",
      })
  void norInOtherPlacesOrSpellings(String old, String by) throws IOException {
    change(JSON, old, by);
    try {
      ModelFile.readGraph(file);
    } catch (ModelFileException e) {
      assertThat(e.getMessage()).contains("com.example.Gadget").hasLineCount(1);
    }
    assertThat(System.getProperty(Gadget.RAN)).isNull();
  }

  @Test
  void aCallerAllowsClassesByName() throws IOException {
    change(JSON, "org.nd4j.linalg.activations.impl.ActivationSoftmax", "com.example.Gadget");
    try (ModelFile model = ModelFile.open(file, Set.of(), Set.of("com.example.Gadget"))) {
      assertThat(model.graph().params()).isEqualTo(graph.params());
    }
  }

  @Test
  void nothingIsDeserialised() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Gadget());
    }
    for (String name : List.of("preprocessor.bin", "normalizer.bin")) {
      Map<String, byte[]> more = new LinkedHashMap<>(entries);
      more.put(name, bytes.toByteArray());
      System.clearProperty(Gadget.RAN);
      Zips.write(file, more);
      assertRefused("an entry \"" + name + "\"");
    }
    for (String name : List.of(PARAMETERS, STATE)) {
      Map<String, byte[]> changed = new LinkedHashMap<>(entries);
      changed.put(name, bytes.toByteArray());
      Zips.write(file, changed);
      assertRefused(name);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../configuration.json", "/etc/passwd", "a\\b", "folder/", "CONFIGURATION.JSON"})
  void otherEntriesAreRefusedByName(String name) throws IOException {
    entries.put(name, new byte[0]);
    Zips.write(file, entries);
    assertRefused("an entry \"" + name + "\"");
  }

  @Test
  void anEntryTwiceIsRefused() throws IOException {
    entries.put("configuratioM.json", entries.get(JSON));
    Files.write(
        file,
        Zips.replace(
            Zips.bytes(entries), "configuratioM.json".getBytes(UTF_8), JSON.getBytes(UTF_8)));
    assertRefused("two entries configuration.json");
  }

  @Test
  void sizesAreThoseThatTheConfigurationImplies() throws IOException {
    byte[] parameters = entries.get(PARAMETERS);
    put(PARAMETERS, new byte[40 << 20]);
    assertRefused("coefficients.bin has 41,943,040 bytes");
    put(PARAMETERS, Arrays.copyOf(parameters, parameters.length - 4));
    assertRefused(PARAMETERS);
    put(PARAMETERS, Arrays.copyOf(parameters, parameters.length + 4));
    assertRefused(PARAMETERS);
    put(PARAMETERS, parameters);
    put(STATE, new byte[40 << 20]);
    assertRefused("updaterState.bin has 41,943,040 bytes");
    put(STATE, new byte[0]);
    assertRefused("updaterState.bin has 0 bytes");
    entries.remove(STATE);
    put(JSON, new byte[40 << 20]);
    assertRefused("configuration.json has 41,943,040 bytes");
  }

  @Test
  void aConfigurationOfTerabytesIsRefused() throws IOException {
    String json = new String(entries.get(JSON), UTF_8);
    assertThat(json).contains("\"nout\" : 2,");
    for (String size : List.of("2147483647", "2147483648", "4611686018427387904", "1e300", "-1")) {
      put(JSON, json.replace("\"nout\" : 2,", "\"nout\" : " + size + ",").getBytes(UTF_8));
      assertRefused("model.zip");
    }
    // nIn times nOut is 2 to the 64th, which is 0 in Java's arithmetic.
    put(
        JSON,
        json.replaceAll("\"nin\" : \\d+", "\"nin\" : 4294967296")
            .replaceAll("\"nout\" : \\d+", "\"nout\" : 4294967296")
            .getBytes(UTF_8));
    assertRefused("model.zip");
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    put(JSON, "{\"vertices\":".concat("[".repeat(1_000_000)).getBytes(UTF_8));
    assertRefused("nested more than 64 deep");
  }

  @Test
  void headersOfNumbersAreNotBelieved() throws IOException {
    byte[] parameters = entries.get(PARAMETERS);
    for (int at = 0; at < 130; at++) {
      for (int bit : new int[] {0, 7}) {
        byte[] changed = parameters.clone();
        changed[at] ^= (byte) (1 << bit);
        put(PARAMETERS, changed);
        try {
          ModelFile.readGraph(file);
        } catch (ModelFileException e) {
          assertThat(e.getMessage()).contains(PARAMETERS).hasLineCount(1);
        }
      }
    }
  }

  @Test
  void checksumsCoverAllEntries() throws IOException {
    Map<String, byte[]> summed = new LinkedHashMap<>(entries);
    StringBuilder sums = new StringBuilder();
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      Sha256 checksum = new Sha256();
      checksum.update(entry.getValue(), entry.getValue().length);
      sums.append(checksum.value()).append("  ").append(entry.getKey()).append('\n');
    }
    summed.put(ModelFile.SUMS, sums.toString().getBytes(UTF_8));
    Zips.write(file, summed);
    assertEqual(ModelFile.readGraph(file), graph);

    summed.put("noParams.marker", new byte[0]);
    Zips.write(file, summed);
    assertRefused("\"noParams.marker\" stands only in one of SHA256SUMS and the file");

    summed.remove("noParams.marker");
    summed.remove(STATE);
    Zips.write(file, summed);
    assertRefused("\"updaterState.bin\" stands only in one of SHA256SUMS and the file");

    byte[] other = entries.get(STATE).clone();
    other[other.length - 1]++;
    summed.put(STATE, other);
    Zips.write(file, summed);
    assertRefused("its updaterState.bin differs from its checksum");

    summed.put(ModelFile.SUMS, "no sums".getBytes(UTF_8));
    Zips.write(file, summed);
    assertRefused("its SHA256SUMS: \"not a line of checksums");
  }

  /** Bytes of the file, of its text and of its numbers' headers, at random. */
  @Test
  void mutatedFilesAreReadOrRefused() throws IOException {
    Random random = new Random(7);
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < 600; i++) {
      Files.write(file, mutated(whole, random));
      readOrRefuse().ifPresent(read -> assertEqual(read, graph));
    }
    byte[] json = entries.get(JSON);
    for (int i = 0; i < 400; i++) {
      put(JSON, mutated(json, random));
      readOrRefuse();
    }
  }

  private Optional<ComputationGraph> readOrRefuse() {
    try {
      return Optional.of(ModelFile.readGraph(file));
    } catch (ModelFileException e) {
      assertThat(e.getMessage()).startsWith(file.toString()).hasLineCount(1);
      return Optional.empty();
    }
  }

  private static byte[] mutated(byte[] bytes, Random random) {
    if (random.nextInt(10) == 0) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    byte[] changed = bytes.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    }
    return changed;
  }

  /** A directory that says other sizes than the data have. */
  @Test
  void lyingSizesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    int directory = lastIndexOf(whole, PARAMETERS) - 46;
    for (int size : List.of(0, 1, entries.get(PARAMETERS).length - 1, Integer.MAX_VALUE)) {
      Files.write(file, withInt(whole, directory + 24, size));
      assertRefused("model.zip");
      // What is packed ends by itself: a size beyond its end changes nothing.
      Files.write(file, withInt(whole, directory + 20, size));
      readOrRefuse().ifPresent(read -> assertEqual(read, graph));
    }
  }

  private static byte[] withInt(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return changed;
  }

  private static int lastIndexOf(byte[] bytes, String text) {
    return new String(bytes, ISO_8859_1).lastIndexOf(text);
  }

  private void change(String entry, String old, String by) throws IOException {
    String text = new String(entries.get(entry), UTF_8);
    assertThat(text).contains(old);
    Map<String, byte[]> changed = new LinkedHashMap<>(entries);
    changed.put(entry, text.replace(old, by).getBytes(UTF_8));
    Zips.write(file, changed);
  }

  private void put(String entry, byte[] content) throws IOException {
    entries.put(entry, content);
    Zips.write(file, entries);
  }

  /** Refused with these words, and nothing has run. */
  private void assertRefused(String words) {
    assertThatThrownBy(() -> ModelFile.readGraph(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(words)
        .extracting(Throwable::getMessage)
        .asString()
        .hasLineCount(1);
    assertThat(System.getProperty(Gadget.RAN)).isNull();
  }

  /** Schedules, Adam's bias correction and means of parameters divide by what follows from them. */
  @ParameterizedTest
  @ValueSource(strings = {"iterationCount", "epochCount"})
  void countsAreNotNegative(String count) throws IOException {
    String json = new String(entries.get(JSON), UTF_8);
    String negative = json.replaceAll("\"" + count + "\" : \\d+", "\"" + count + "\" : -10");
    assertThat(negative).isNotEqualTo(json);
    put(JSON, negative.getBytes(UTF_8));
    assertRefused(count + " is -10");
  }

  /** DL4J would compute the vertices in it, or fail in the middle of a data set. */
  @Test
  void theOrderOfVerticesIsOne() throws IOException {
    String json = new String(entries.get(JSON), UTF_8);
    put(
        JSON,
        json.replaceAll("\"conv\" : \\[ \"in\" \\]", "\"conv\" : [ \"out\" ]").getBytes(UTF_8));
    assertRefused("vertex conv stands before its input");
    put(
        JSON,
        json.replaceAll("\"networkOutputs\" : \\[[^]]*\\]", "\"networkOutputs\" : [ ]")
            .getBytes(UTF_8));
    assertRefused("no outputs");
  }
}
