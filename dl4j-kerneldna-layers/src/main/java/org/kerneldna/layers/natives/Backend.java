package org.kerneldna.layers.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import lombok.extern.slf4j.Slf4j;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** What ND4J runs on: processor or GPU, which native library, and whether oneDNN is in use. */
@Slf4j
public final class Backend {

  private static final String UNKNOWN = "unknown";
  private static final List<String> ONEDNN_PLATFORMS =
      List.of("linux-x86_64", "macosx-x86_64", "windows-x86_64");
  private static final AtomicBoolean LOGGED = new AtomicBoolean();

  private Backend() {}

  /**
   * Whether convolutions on the processor run in oneDNN: the loaded native library was built with
   * it, and neither ND4J's platform helpers nor oneDNN itself have been switched off. Always false
   * on a GPU.
   */
  public static boolean oneDnn() {
    var environment = Nd4j.getEnvironment();
    return environment.isCPU() && environment.helpersAllowed() && builtWithOneDnn() && switchedOn();
  }

  /**
   * One line for logs and result files, such as {@code ND4J 1.0.0-M2.1 on CPU, natives
   * linux-x86_64-onednn, 8 threads, oneDNN on}; the last is left out on a GPU.
   */
  public static String describe() {
    var information = Nd4j.getExecutioner().getEnvironmentInformation();
    var line =
        String.format(
            "ND4J %s on %s, natives %s, %s threads",
            version(),
            information.getOrDefault(Nd4jEnvironment.BACKEND_KEY, UNKNOWN),
            natives(),
            information.getOrDefault(Nd4jEnvironment.OMP_THREADS_KEY, UNKNOWN));
    return Nd4j.getEnvironment().isCPU() ? line + ", oneDNN " + (oneDnn() ? "on" : "off") : line;
  }

  /**
   * Logs {@link #describe()}, and a warning with the remedy where the native library is one without
   * oneDNN on a platform that has one with it. Only the first call in a JVM logs.
   */
  public static void log() {
    if (LOGGED.getAndSet(true)) {
      return;
    }
    log.info(describe());
    if (Nd4j.getEnvironment().isCPU() && !builtWithOneDnn()) {
      remedy(Loader.getPlatform(), version()).ifPresent(log::warn);
    }
  }

  /** What to tell the user of a library without oneDNN; empty where none with it is published. */
  static Optional<String> remedy(String platform, String version) {
    return Optional.of(platform)
        .filter(ONEDNN_PLATFORMS::contains)
        .map(
            known ->
                """
                The natives in use were built without oneDNN, so convolutions run several times \
                slower than they can. Add this dependency; ND4J prefers it to the plain natives:
                <dependency>
                  <groupId>org.nd4j</groupId>
                  <artifactId>nd4j-native</artifactId>
                  <version>%s</version>
                  <classifier>%s-onednn</classifier>
                </dependency>"""
                    .formatted(version, known));
  }

  /**
   * The library's own word; its environment's flag is true whether or not oneDNN is compiled in.
   */
  private static boolean builtWithOneDnn() {
    return Nd4j.getBackend().buildInfo().contains("HAVE_ONEDNN");
  }

  /** ND4J's switch for oneDNN, which exists only in the binding of the processor's library. */
  private static boolean switchedOn() {
    try {
      var bindings = NativeOpsHolder.getInstance().getDeviceNativeOps().getClass();
      var type =
          Class.forName(bindings.getName() + "$Environment", true, bindings.getClassLoader());
      var environment = type.getMethod("getInstance").invoke(null);
      return (boolean) type.getMethod("isUseONEDNN").invoke(environment);
    } catch (ReflectiveOperationException absent) {
      return true;
    }
  }

  /** The directory that JavaCPP loaded ND4J's library from is named after the jar's classifier. */
  private static String natives() {
    return Loader.getLoadedLibraries().entrySet().stream()
        .filter(library -> library.getKey().startsWith("jnind4j"))
        .map(library -> Path.of(library.getValue()).getParent().getFileName().toString())
        .findFirst()
        .orElse(UNKNOWN);
  }

  private static String version() {
    try (InputStream in =
        Nd4j.class.getResourceAsStream("/META-INF/maven/org.nd4j/nd4j-api/pom.properties")) {
      var properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", UNKNOWN);
    } catch (IOException unreadable) {
      return UNKNOWN;
    }
  }
}
