package org.kerneldna.zoo.model;

import static java.util.stream.Collectors.joining;
import static org.kerneldna.torch.OneLine.quote;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.util.ModelSerializer;
import org.kerneldna.torch.OneLine;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link ComputationGraph} that DL4J's {@link ModelSerializer} wrote, as a file of unknown
 * origin. Reading it runs nothing that the file brings or names: nothing is deserialised by Java,
 * the configuration can name only classes of DL4J, ND4J and KernelDNA that it has a use for, and
 * memory is taken only for as many numbers as the configuration implies and the file really holds.
 *
 * <pre>{@code
 * ComputationGraph graph = ModelFile.readGraph(Path.of("model.zip"));
 * }</pre>
 *
 * <p>DL4J's own {@link ModelSerializer#restoreComputationGraph} runs what is in the file's {@code
 * preprocessor.bin}, and any class that the configuration names.
 *
 * <p>An entry {@value #SUMS} must have the SHA-256 of every other entry, in lines as {@code
 * sha256sum} writes them. It tells damage, not forgery: whoever changes an entry can change its
 * sum.
 */
public final class ModelFile implements AutoCloseable {

  /** The entry of the others' checksums. */
  public static final String SUMS = "SHA256SUMS";

  private static final Set<String> DL4JS =
      Set.of(
          ModelSerializer.CONFIGURATION_JSON,
          ModelSerializer.COEFFICIENTS_BIN,
          ModelSerializer.UPDATER_BIN,
          ModelSerializer.NO_PARAMS_MARKER,
          SUMS);

  /** More than ten times as long as the longest configuration of DL4J's zoo and ours. */
  private static final long LONGEST_TEXT = 32 << 20;

  private final Path path;
  private final ZipFile zip;
  private final GraphJson json;
  private final Map<String, ModelEntry> entries = new TreeMap<>();

  private ModelFile(Path path, ZipFile zip, Collection<String> classes) {
    this.path = path;
    this.zip = zip;
    this.json = GraphJson.allowing(classes);
  }

  /**
   * Reads a network, with updater state where there is one.
   *
   * @throws ModelFileException if there is no such file, it is damaged, or asks for what is refused
   */
  public static ComputationGraph readGraph(Path file) {
    try (ModelFile model = open(file, Set.of(), Set.of())) {
      return model.graph();
    }
  }

  /**
   * Opens a file whose entries are all known.
   *
   * @param moreEntries names of entries that it may have beside DL4J's
   * @param moreClasses full names of the classes, such as a layer of your own, that its
   *     configuration may name beside DL4J's, ND4J's and KernelDNA's. They are constructed, and
   *     their setters called, with values out of the file
   * @throws ModelFileException if there is no such file, or it has other entries
   */
  public static ModelFile open(
      Path file, Collection<String> moreEntries, Collection<String> moreClasses) {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (IOException | RuntimeException e) {
      throw new ModelFileException(
          "%s is no zip file that can be read (%s): give a model that was saved whole"
              .formatted(file, quote(e.getMessage())),
          e);
    }
    ModelFile model = new ModelFile(file, zip, moreClasses);
    try {
      model.list(moreEntries);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private void list(Collection<String> moreEntries) {
    Set<String> known = new HashSet<>(DL4JS);
    known.addAll(moreEntries);
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (!known.contains(name)) {
        throw new ModelFileException(
            ("%s has an entry %s, which is not read, since it may run code or lead elsewhere: "
                    + "take it out by 'zip -d', or save the network without a normalizer")
                .formatted(path, quote(name)));
      }
      if (entries.put(name, new ModelEntry(path, zip, entry)) != null) {
        throw new ModelFileException(
            "%s has two entries %s, of which one is hidden: take another file"
                .formatted(path, name));
      }
    }
    if (has(SUMS)) {
      String sums = text(SUMS);
      requireSumsOfAll(reading(SUMS, () -> Checksums.parse(sums)));
    }
  }

  private void requireSumsOfAll(Map<String, String> sums) {
    Set<String> summed = new HashSet<>(sums.keySet());
    summed.add(SUMS);
    Set<String> difference = new HashSet<>(summed);
    difference.addAll(entries.keySet());
    difference.removeIf(name -> summed.contains(name) && entries.containsKey(name));
    if (!difference.isEmpty()) {
      throw new ModelFileException(
          "%s was changed: %s stands only in one of %s and the file: take another file"
              .formatted(
                  path,
                  difference.stream().sorted().map(OneLine::quote).collect(joining(" ")),
                  SUMS));
    }
    sums.forEach((name, sum) -> entries.get(name).expect(sum));
  }

  /** Whether there is such an entry. */
  public boolean has(String entry) {
    return entries.containsKey(entry);
  }

  /**
   * An entry of UTF-8 text.
   *
   * @throws ModelFileException if it is missing, damaged, or beyond 32 MiB
   */
  public String text(String entry) {
    return reading(
        entry,
        () -> {
          ModelEntry text = entry(entry);
          text.verify(0, LONGEST_TEXT);
          try (var in = text.open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
          }
        });
  }

  /**
   * An entry that {@link org.nd4j.linalg.factory.Nd4j#write} wrote: a row of numbers.
   *
   * @param length how many numbers there must be
   * @return a row or column, of the type in the file: FLOAT, DOUBLE, HALF or BFLOAT16
   * @throws ModelFileException if it is missing, damaged, or of another length
   */
  public INDArray vector(String entry, long length) {
    return reading(
        entry,
        () -> {
          ModelEntry numbers = entry(entry);
          VectorFormat format = new VectorFormat(length);
          numbers.verify(format.leastBytes(), format.mostBytes());
          requireMemory(numbers.size());
          try (DataInputStream in = new DataInputStream(new BufferedInputStream(numbers.open()))) {
            return format.read(in, numbers.size());
          }
        });
  }

  /**
   * The network, with updater state where there is one.
   *
   * @throws ModelFileException if it is damaged, or its configuration asks for what is refused
   */
  public ComputationGraph graph() {
    String text = text(ModelSerializer.CONFIGURATION_JSON);
    return reading(ModelSerializer.CONFIGURATION_JSON, () -> graph(json.parse(text)));
  }

  private ComputationGraph graph(ComputationGraphConfiguration configuration) {
    requireCount("iterationCount", configuration.getIterationCount());
    requireCount("epochCount", configuration.getEpochCount());
    long parameters = ParameterCount.of(configuration);
    INDArray values = null;
    if (parameters > 0) {
      values = vector(ModelSerializer.COEFFICIENTS_BIN, parameters);
      configuration.setDataType(values.dataType());
    }
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init(values, false);
    ParameterCount.requireExact(graph);
    requireOrder(graph);
    if (has(ModelSerializer.UPDATER_BIN)) {
      restoreUpdater(graph);
    }
    return graph;
  }

  private static void requireCount(String name, int count) {
    if (count < 0) {
      throw new IllegalArgumentException(name + " is " + count);
    }
  }

  /** DL4J computes vertices in the order that the file tells. */
  private static void requireOrder(ComputationGraph graph) {
    if (graph.getNumOutputArrays() == 0) {
      throw new IllegalArgumentException("it has no outputs");
    }
    Set<Integer> computed = new HashSet<>();
    for (int vertex : graph.topologicalSortOrder()) {
      VertexIndices[] inputs = graph.getVertices()[vertex].getInputVertices();
      for (VertexIndices input : inputs == null ? new VertexIndices[0] : inputs) {
        if (!computed.contains(input.getVertexIndex())) {
          throw new IllegalArgumentException(
              "vertex " + graph.getVertices()[vertex].getVertexName() + " stands before its input");
        }
      }
      computed.add(vertex);
    }
  }

  private void restoreUpdater(ComputationGraph graph) {
    requireMemory(
        entry(ModelSerializer.COEFFICIENTS_BIN).size() + entry(ModelSerializer.UPDATER_BIN).size());
    ComputationGraphUpdater updater = graph.getUpdater();
    INDArray state = updater.getStateViewArray();
    long length = state == null ? 0 : state.length();
    updater.setStateViewArray(vector(ModelSerializer.UPDATER_BIN, length));
  }

  private ModelEntry entry(String name) {
    ModelEntry entry = entries.get(name);
    if (entry == null) {
      throw new ModelFileException(
          "%s has no entry %s: give a model that DL4J's ModelSerializer wrote"
              .formatted(path, name));
    }
    return entry;
  }

  /** ND4J's memory is outside of Java's heap; without room for it the system ends the process. */
  private void requireMemory(long bytes) {
    long most = Pointer.availablePhysicalBytes();
    if (bytes > most) {
      throw new ModelFileException(
          "%s needs %,d MB of memory, and there are %,d: free some"
              .formatted(path, bytes >> 20, most >> 20));
    }
  }

  private interface Reading<T> {
    T run() throws IOException;
  }

  private <T> T reading(String entry, Reading<T> reading) {
    try {
      return reading.run();
    } catch (ModelFileException e) {
      throw e;
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new ModelFileException(
          "%s is damaged, or no network of DL4J 1.0.0-M2.1: its %s: %s: take another file"
              .formatted(path, entry, quote(GraphJson.firstLine(e))),
          e);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new ModelFileException(path + " cannot be closed", e);
    }
  }
}
