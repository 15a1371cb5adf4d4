package org.kerneldna.train.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Predictor;
import org.kerneldna.train.Predictor.Prediction;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.NpyFile;
import org.kerneldna.zoo.ImageNet;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classifies images, or arrays for comparison with other programs. */
@Command(
    name = "predict",
    description = "Print the five most probable classes of images, or write an array's logits.")
final class PredictCommand implements Callable<Integer> {

  private static final int TOP = 5;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Checkpoint whose network to use.")
  private Path model;

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Spec private CommandSpec spec;

  private static final class Source {

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Images to classify.")
    private List<Path> images;

    @ArgGroup(exclusive = false)
    private Parity arrays;
  }

  private static final class Parity {

    @Option(
        names = "--input",
        paramLabel = "NPY",
        required = true,
        description = "Preprocessed images as float32 [N, 3, size, size] in a file of NumPy's.")
    private Path input;

    @Option(
        names = "--logits",
        paramLabel = "NPY",
        required = true,
        description = "Write what the network computes before the softmax, float32 [N, classes].")
    private Path logits;
  }

  /** The number of images that cannot be read decides the exit code. */
  @Override
  public Integer call() {
    Checkpoint checkpoint = Checkpoint.load(model);
    Predictor predictor = new Predictor(checkpoint);
    if (source.arrays != null) {
      writeLogits(predictor, checkpoint.card().model().imageSize());
      return ExitCode.OK;
    }
    long unreadable = source.images.stream().filter(image -> !classify(predictor, image)).count();
    return unreadable == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private void writeLogits(Predictor predictor, int size) {
    Path file = source.arrays.input;
    INDArray images = NpyFile.read(file);
    long[] shape = images.shape();
    boolean fits =
        shape.length == 4 && shape[0] > 0 && shape[1] == 3 && shape[2] == size && shape[3] == size;
    if (!fits) {
      throw new InputException(
          "%s has shape %s: the network takes [N, 3, %d, %d]"
              .formatted(file, Arrays.toString(shape), size, size));
    }
    NpyFile.write(source.arrays.logits, predictor.logits(images));
    spec.commandLine().getOut().printf("logits written to %s%n", source.arrays.logits);
  }

  /** Whether the image could be read. */
  private boolean classify(Predictor predictor, Path image) {
    try {
      print(image, predictor.classify(image, TOP));
      return true;
    } catch (IOException e) {
      String name = spec.qualifiedName();
      spec.commandLine()
          .getErr()
          .printf("%s: %s cannot be used: %s%n", name, image, e.getMessage());
      return false;
    }
  }

  private void print(Path image, List<Prediction> predictions) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(image);
    for (Prediction p : predictions) {
      out.printf(Locale.ROOT, "  %5.1f %%  %s%n", 100 * p.probability(), title(p.name()));
    }
  }

  private static String title(String name) {
    return ImageNet.name(name).map(english -> english + " (" + name + ")").orElse(name);
  }
}
