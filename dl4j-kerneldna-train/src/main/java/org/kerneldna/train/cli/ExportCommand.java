package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.kerneldna.inference.OnnxFile;
import org.kerneldna.torch.Safetensors;
import org.kerneldna.torch.Tensor;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.TorchWeights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes a checkpoint's network for other programs. */
@Command(
    name = "export",
    description =
        "Write a checkpoint's network for other programs: as safetensors, with PyTorch's names, or as"
            + " ONNX.")
final class ExportCommand implements Runnable {

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Checkpoint whose network to write.")
  private Path model;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "safetensors",
      description = "Format: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "File to write.")
  private Path out;

  @Option(
      names = "--unfolded",
      description =
          "In ONNX, keep normalisations as they are. Without it, they become part of the kernels.")
  private boolean unfolded;

  @Option(
      names = "--fixed-size",
      description =
          "In ONNX, fix height and width of the images to the model's, for programs that want that."
              + " Without it, the file takes images of any size.")
  private boolean fixedSize;

  @Spec private CommandSpec spec;

  private enum Format {
    SAFETENSORS,
    ONNX;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public void run() {
    requireOnnx(unfolded, "--unfolded");
    requireOnnx(fixedSize, "--fixed-size");
    Usable.requireOther("--out", out, model);
    Checkpoint checkpoint = Checkpoint.load(model);
    String what = format == Format.ONNX ? onnx(checkpoint) : safetensors(checkpoint);
    spec.commandLine()
        .getOut()
        .printf("%s: %s written to %s%n", checkpoint.card().model().title(), what, out);
  }

  private void requireOnnx(boolean given, String option) {
    if (given && format != Format.ONNX) {
      throw new ParameterException(
          spec.commandLine(), option + " is for ONNX files: give --format=onnx with it");
    }
  }

  /** Writes the network as ONNX; says what was written. */
  private String onnx(Checkpoint checkpoint) {
    InputType[] sizes =
        fixedSize ? new InputType[] {checkpoint.card().model().inputType()} : new InputType[0];
    try {
      AtomicFile.write(
          out, temporary -> OnnxFile.write(checkpoint.graph(), temporary, !unfolded, sizes));
    } catch (IllegalArgumentException e) {
      throw new InputException(model + ": " + e.getMessage(), e);
    }
    return "ONNX, opset " + OnnxFile.OPSET + ",";
  }

  /** Writes the network's tensors by PyTorch's names; says what was written. */
  private String safetensors(Checkpoint checkpoint) {
    Card card = checkpoint.card();
    if (card.model().adapted()) {
      throw new InputException(
          model
              + " is an adapted network, whose tensors have no names in PyTorch: give another, or"
              + " --format=onnx");
    }
    Map<String, Tensor> tensors =
        TorchWeights.of(card.model().network(card.classes().size(), card.recipe()))
            .read(checkpoint.graph());
    Map<String, String> metadata =
        Map.of(
            "format", "pt",
            "arch", card.model().arch(),
            "customize", Boolean.toString(card.model().customize()));
    AtomicFile.write(out, temporary -> Safetensors.write(temporary, tensors, metadata));
    return tensors.size() + " tensors";
  }
}
