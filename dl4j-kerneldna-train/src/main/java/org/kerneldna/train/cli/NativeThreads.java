package org.kerneldna.train.cli;

import lombok.experimental.UtilityClass;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How many threads native operations have. */
@UtilityClass
class NativeThreads {

  /**
   * Sets their number for this thread, as {@code --threads} asks for it.
   *
   * @throws ParameterException if there are fewer processors
   */
  void use(CommandSpec spec, int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    if (threads > processors) {
      throw new ParameterException(
          spec.commandLine(),
          "--threads %d is more than there are processors: give at most %d"
              .formatted(threads, processors));
    }
    Nd4j.getBackend(); // Starts ND4J, which sets its own number of threads.
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
  }
}
