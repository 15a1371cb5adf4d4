package org.kerneldna.train.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.kerneldna.layers.adapt.LayerSimilarity;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.report.Charts;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows how similar the layers of a network are to one another. */
@Command(
    name = "cka",
    description = {
      "Measure how similar the outputs of a network's convolutions and linear layers are,",
      "by linear centred kernel alignment, as a picture and a table."
    })
final class CkaCommand implements Runnable {

  @Option(names = "--model", paramLabel = "FILE", required = true, description = "Checkpoint.")
  private Path model;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for cka.png and cka.csv.")
  private Path out;

  @Mixin private SampleOptions sample;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Backend.log();
    Checkpoint checkpoint = Checkpoint.load(model);
    AtomicFile.requireWritable(out);
    INDArray images = sample.read(sample.folder(), checkpoint);
    LayerSimilarity similarity =
        LayerSimilarity.measure(
            checkpoint.graph(), LayerSimilarity.measurable(checkpoint.graph()), images);
    AtomicFile.write(out.resolve("cka.csv"), temporary -> Files.write(temporary, csv(similarity)));
    spec.commandLine()
        .getOut()
        .printf("%d layers on %d images, in %s%n", similarity.layers().size(), images.size(0), out);
    Charts.similarity(
        out.resolve("cka.png"),
        "Linear CKA of the layers of " + checkpoint.card().model().title(),
        similarity.layers(),
        similarity.cka());
  }

  private static List<String> csv(LayerSimilarity similarity) {
    List<String> lines = new ArrayList<>();
    lines.add("layer," + String.join(",", similarity.layers()));
    for (int i = 0; i < similarity.layers().size(); i++) {
      lines.add(
          similarity.layers().get(i)
              + ","
              + DoubleStream.of(similarity.cka()[i])
                  .mapToObj(value -> String.format(Locale.ROOT, "%.6f", value))
                  .collect(Collectors.joining(",")));
    }
    return lines;
  }
}
