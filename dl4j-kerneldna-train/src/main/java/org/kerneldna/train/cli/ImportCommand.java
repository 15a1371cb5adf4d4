package org.kerneldna.train.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.zoo.PretrainedType;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.torch.CheckpointException;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.TorchTraining;
import org.kerneldna.train.TorchTraining.Imported;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.Architecture;
import org.kerneldna.zoo.ImageNet;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a checkpoint of a network that was trained elsewhere. */
@Command(
    name = "import",
    description = {
      "Make a checkpoint from a file of torch.save or safetensors, or from pretrained weights.",
      "With the state of optimizer and scheduler in it, training goes on at its epoch:",
      "kerneldna train --resume FILE --data DIR. Nothing in the file is executed."
    })
final class ImportCommand implements Runnable {

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Mixin private ModelOptions model;

  @Option(
      names = "--key",
      paramLabel = "NAME",
      description =
          "Where in FILE the network is, if it has several, such as state_dict_ema; dots lead"
              + " further in. Default: a mean of the parameters, called ema, before the others.")
  private String key;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The checkpoint to write, such as model.zip.")
  private Path out;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Images as DIR/train/<class>/*, whose folders name the classes. Default: ImageNet's"
              + " classes for 1000, else numbers.")
  private Path data;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  private static final class Source {

    @Parameters(paramLabel = "FILE", description = "The checkpoint or state_dict.")
    private Path file;

    @Option(
        names = "--pretrained",
        description = "The catalogue's ImageNet weights: torchvision's for static networks.")
    private boolean pretrained;
  }

  /** What {@code --json} writes. */
  private record Report(
      String arch,
      boolean customize,
      long params,
      long macs,
      int classes,
      int epoch,
      double bestTop1,
      boolean momentum,
      List<String> notes) {}

  @Override
  public void run() {
    if (source.file != null) {
      Usable.requireOther("--out", out, source.file);
    }
    Imported imported = source.pretrained ? pretrained() : torch(read(source.file, key));
    imported.checkpoint().save(out);
    report(imported);
  }

  private Imported pretrained() {
    if (key != null) {
      throw new ParameterException(spec.commandLine(), "--key is for a FILE, not for --pretrained");
    }
    ModelSpec model = model(Optional.empty());
    Recipe recipe = Recipe.of(model.arch());
    List<String> classes = ImageNet.classes();
    try {
      ComputationGraph graph =
          model.network(classes.size(), recipe).initPretrained(PretrainedType.IMAGENET);
      return new Imported(
          new Checkpoint(graph, Card.untrained(model, recipe, classes)), false, List.of());
    } catch (IOException | UnsupportedOperationException e) {
      throw new InputException(e.getMessage(), e);
    }
  }

  private Imported torch(TorchCheckpoint torch) {
    TorchTraining training =
        new TorchTraining(torch, model(torch.arch().filter(ImportCommand::isKnown)));
    return training.checkpoint(classes(training.classes()));
  }

  private static TorchCheckpoint read(Path file, String key) {
    try {
      TorchCheckpoint torch = TorchCheckpoint.read(file);
      return key == null ? torch : torch.at(key);
    } catch (CheckpointException e) {
      throw new InputException(e.getMessage(), e);
    }
  }

  private ModelSpec model(Optional<String> arch) {
    return Usable.options(spec, () -> model.orDefaults(arch.orElse(null)));
  }

  private static boolean isKnown(String arch) {
    return Stream.of(Architecture.values()).anyMatch(known -> known.toString().equals(arch));
  }

  private List<String> classes(int count) {
    if (data == null) {
      return count == ImageNet.classes().size()
          ? ImageNet.classes()
          : IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }
    List<String> classes = ImageDataset.open(data, "train").classes();
    if (classes.size() != count) {
      throw new InputException(
          "%s has %d classes, and the network of %s %d: give the images that it was trained on"
              .formatted(data.resolve("train"), classes.size(), source.file, count));
    }
    return classes;
  }

  private void report(Imported imported) {
    Card card = imported.checkpoint().card();
    Complexity complexity = imported.checkpoint().complexity();
    PrintWriter print = spec.commandLine().getOut();
    print.printf(
        "%s: %,d parameters, %,d MACs, %d classes; epoch %d of %d%s%n",
        card.model().title(),
        complexity.parameters(),
        complexity.macs(),
        card.classes().size(),
        card.epoch(),
        card.recipe().epochs(),
        card.bestTop1() > 0 ? ", best top-1 %.2f %%".formatted(card.bestTop1()) : "");
    imported.notes().forEach(print::println);
    print.printf("written to %s%n", out);
    json.write(
        new Report(
            card.model().arch(),
            card.model().customize(),
            complexity.parameters(),
            complexity.macs(),
            card.classes().size(),
            card.epoch(),
            card.bestTop1(),
            imported.momentum(),
            imported.notes()));
  }
}
