package org.kerneldna.train.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Predictor;
import org.kerneldna.train.Predictor.Prediction;
import org.kerneldna.train.data.ImageDecoder;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.NpyRows;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is on images, or gives the logits of raw tensors. */
@Command(
    name = "predict",
    description = {
      "Print the five most probable classes of each image,",
      "or write a network's logits for the tensors of a NumPy file."
    })
final class PredictCommand implements Callable<Integer> {

  private static final int BATCH_SIZE = 32;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Checkpoint that 'train' or 'demo' wrote: latest.zip or best.zip.")
  private Path model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "Network inputs as they are, float32 [N, 3, size, size] in .npy format.")
  private Path input;

  @Option(
      names = "--logits",
      paramLabel = "FILE",
      description = "Write the logits of --input, float32 [N, classes] in .npy format.")
  private Path logits;

  @Parameters(
      paramLabel = "IMAGE",
      arity = "0..*",
      description = "Image files; scaled, cropped and normalised as 'evaluate' does.")
  private List<Path> images = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    requireEitherUse();
    if (logits != null) {
      Usable.requireOther("--logits", logits, input);
      Usable.requireOther("--logits", logits, model);
    }
    Backend.log();
    Checkpoint checkpoint = Checkpoint.load(model);
    Predictor predictor = new Predictor(checkpoint);
    if (input != null) {
      writeLogits(predictor, checkpoint.card().model().imageSize());
      return ExitCode.OK;
    }
    // Every image, also after one that failed.
    return images.stream().mapToInt(image -> predict(predictor, image)).max().getAsInt();
  }

  private void requireEitherUse() {
    if ((input == null) != (logits == null)) {
      throw new ParameterException(
          spec.commandLine(), "--input and --logits belong together: give both");
    }
    if (images.isEmpty() == (input == null)) {
      throw new ParameterException(
          spec.commandLine(), "give either images, or --input and --logits");
    }
  }

  /** Returns the exit code. */
  private int predict(Predictor predictor, Path image) {
    try {
      print(image, predictor.predict(read(image)));
      return ExitCode.OK;
    } catch (IOException e) {
      return Errors.failed(unusable(image, e), spec.commandLine(), false);
    } catch (InputException e) {
      return Errors.failed(e, spec.commandLine(), false);
    }
  }

  private static byte[] read(Path image) throws IOException {
    if (!Files.isRegularFile(image)) {
      throw new InputException(image + " is not a file: give an image");
    }
    try {
      return Files.readAllBytes(image);
    } catch (OutOfMemoryError e) {
      throw new IOException("the file needs more memory than there is", e);
    }
  }

  private static InputException unusable(Path image, IOException e) {
    return new InputException(
        "%s cannot be used: %s; give a %s".formatted(image, e.getMessage(), ImageDecoder.formats()),
        e);
  }

  private void print(Path image, List<Prediction> predictions) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(image);
    for (Prediction prediction : predictions) {
      out.printf(Locale.ROOT, "  %6.2f %%  %s%n", prediction.percent(), prediction.name());
    }
  }

  private void writeLogits(Predictor predictor, int imageSize) {
    try (NpyRows rows = NpyRows.open(input)) {
      requireImages(rows.shape(), imageSize);
      AtomicFile.requireWritable(logits.toAbsolutePath().getParent());
      INDArray values = logits(predictor, rows);
      AtomicFile.write(logits, temporary -> NpyRows.write(values, temporary));
    }
  }

  private void requireImages(long[] shape, int size) {
    long count = shape.length == 0 ? 0 : shape[0];
    if (count == 0 || !Arrays.equals(shape, new long[] {count, 3, size, size})) {
      throw new InputException(
          "%s has shape %s: give [N, 3, %d, %d], which %s takes, N at least 1"
              .formatted(input, Arrays.toString(shape), size, size, model));
    }
  }

  private static INDArray logits(Predictor predictor, NpyRows rows) {
    List<INDArray> batches = new ArrayList<>();
    for (long left = rows.shape()[0]; left > 0; left -= BATCH_SIZE) {
      batches.add(predictor.logits(rows.next((int) Math.min(left, BATCH_SIZE))));
    }
    return Nd4j.concat(0, batches.toArray(INDArray[]::new));
  }
}
