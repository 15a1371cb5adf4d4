package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.TorchWeights;
import org.kerneldna.zoo.checkpoint.Safetensors;
import org.kerneldna.zoo.checkpoint.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a checkpoint's network for other programs. */
@Command(
    name = "export",
    description = "Write a checkpoint's network for other programs, with the names of PyTorch's.")
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

  @Spec private CommandSpec spec;

  private enum Format {
    SAFETENSORS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public void run() {
    Checkpoint checkpoint = Checkpoint.load(model);
    Card card = checkpoint.card();
    if (card.model().adapted()) {
      throw new InputException(
          model + " is an adapted network, whose tensors have no names in PyTorch: give another");
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
    spec.commandLine()
        .getOut()
        .printf("%s: %d tensors written to %s%n", card.model().title(), tensors.size(), out);
  }
}
