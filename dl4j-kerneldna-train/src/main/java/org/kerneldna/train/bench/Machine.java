package org.kerneldna.train.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.kerneldna.layers.natives.Backend;

/**
 * What speed was measured on.
 *
 * @param processor its model where Linux tells, else its architecture
 * @param processors how many Java may use
 * @param loadAverage of the last minute before; negative where it is not known
 * @param backend what ND4J runs on, see {@link Backend#describe}
 */
public record Machine(
    String processor,
    int processors,
    double loadAverage,
    String os,
    String arch,
    String java,
    String backend) {

  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** This machine now. */
  public static Machine here() {
    String arch = System.getProperty("os.arch");
    return new Machine(
        processor(arch),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        System.getProperty("os.name"),
        arch,
        System.getProperty("java.version"),
        Backend.describe());
  }

  private static String processor(String otherwise) {
    try (Stream<String> lines = Files.lines(CPUINFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException notLinux) {
      return otherwise;
    }
  }

  /** One line. */
  @Override
  public String toString() {
    String load =
        loadAverage < 0 ? "" : String.format(Locale.ROOT, ", load average %.2f", loadAverage);
    return "%s, %d processors%s, %s %s, Java %s, %s"
        .formatted(processor, processors, load, os, arch, java, backend);
  }
}
