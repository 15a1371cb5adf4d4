package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.layers.adapt.Adaptation;
import org.kerneldna.layers.adapt.Adapter;
import org.kerneldna.layers.adapt.KernelGroup;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.ImageFolder;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.report.Table;
import org.kerneldna.zoo.Architecture;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Turns a trained network into one with KernelDNA, to be fine-tuned. */
@Command(
    name = "adapt",
    description = {
      "Let convolutions of a trained network whose outputs are alike share a kernel.",
      "Fine-tune the result with 'train --pretrained'."
    })
final class AdaptCommand implements Runnable {

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "Checkpoint of the trained network.")
  private Path model;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Checkpoint to write.")
  private Path out;

  @Option(
      names = {"-a", "--arch"},
      paramLabel = "ARCH",
      converter = ArchitectureConverter.class,
      description = "Architecture that the checkpoint must be of. Default: whatever it is.")
  private Architecture arch;

  @Option(
      names = "--threshold",
      paramLabel = "CKA",
      defaultValue = "" + Adapter.DEFAULT_THRESHOLD,
      converter = Numbers.Share.class,
      description = "Least similarity of a child's output to its parent's, 0 to 1.")
  private double threshold;

  @Option(
      names = "--group",
      paramLabel = "PARENT=CHILD[,CHILD...]",
      converter = KernelGroupConverter.class,
      description =
          "A parent and its children; may be repeated. Default: found by shape and similarity.")
  private List<KernelGroup> groups;

  @Mixin private SampleOptions sample;
  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  /** A layer in a group; the fit's error only of a child. */
  private record Member(String layer, String role, double cka, Double relativeError) {}

  /** What {@code --json} writes. */
  private record Report(
      String arch,
      boolean customize,
      long paramsBefore,
      long params,
      long macsBefore,
      long macs,
      List<Member> layers) {}

  @Override
  public void run() {
    Backend.log();
    Usable.requireOther("--out", out, model);
    Checkpoint original = Checkpoint.load(model);
    requireArchitecture(original.card());
    ImageFolder folder = sample.folder();
    folder.labelledBy(original.card().classes(), model.toString());
    Adaptation adaptation = adapt(original, sample.read(folder, original));
    // The copy learns as its card says, whatever its updaters were.
    original.card().recipe().applyTo(adaptation.graph());
    Checkpoint adapted = new Checkpoint(adaptation.graph(), original.card().adapted());
    adapted.save(out);
    report(original, adapted, members(adaptation));
  }

  private void requireArchitecture(Card card) {
    if (arch != null && !arch.toString().equals(card.model().arch())) {
      throw new InputException(
          "%s is a %s and no %s: leave out --arch, or give another --model"
              .formatted(model, card.model().arch(), arch));
    }
  }

  private Adaptation adapt(Checkpoint original, INDArray images) {
    try {
      return Adapter.builder()
          .threshold(threshold)
          .groups(groups == null ? List.of() : groups)
          .build()
          .adapt(original.graph(), images);
    } catch (IllegalArgumentException e) {
      throw new InputException(model + " cannot be adapted: " + e.getMessage(), e);
    }
  }

  private static List<Member> members(Adaptation adaptation) {
    List<Member> members = new ArrayList<>();
    for (KernelGroup group : adaptation.groups()) {
      String parent = group.parent();
      boolean shares = !group.children().isEmpty();
      members.add(new Member(parent, shares ? "parent" : "unchanged", 1, null));
      for (String child : group.children()) {
        double cka = adaptation.similarity().between(parent, child);
        members.add(
            new Member(child, "child of " + parent, cka, adaptation.fitErrors().get(child)));
      }
      for (String other : group.others()) {
        double cka = adaptation.similarity().between(parent, other);
        members.add(new Member(other, "unchanged", cka, null));
      }
    }
    return members;
  }

  private void report(Checkpoint original, Checkpoint adapted, List<Member> members) {
    Complexity before = original.complexity();
    Complexity after = adapted.complexity();
    Table table = new Table("layer", "role", "CKA", "error of the fit");
    for (Member member : members) {
      table.row(
          member.layer,
          member.role,
          format("%.3f", member.cka),
          member.relativeError == null ? "" : format("%.3f", member.relativeError));
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s%s: %,d parameters (before %,d), %,d MACs (before %,d), in %s%n",
            table,
            adapted.card().model().title(),
            after.parameters(),
            before.parameters(),
            after.macs(),
            before.macs(),
            out);
    json.write(
        new Report(
            adapted.card().model().arch(),
            adapted.card().model().customize(),
            before.parameters(),
            after.parameters(),
            before.macs(),
            after.macs(),
            members));
  }

  private static String format(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
