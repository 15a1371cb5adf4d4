package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.EpochSummary;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.demo.Demo;
import org.kerneldna.train.demo.DemoModel;
import org.kerneldna.train.report.Charts;
import org.kerneldna.train.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows KernelDNA at work without any data or settings. */
@Command(
    name = "demo",
    description = {
      "Train a small KernelDNA ResNet-18 and its static twin on bundled images and compare them.",
      "Needs no download and some three minutes on two processor cores."
    })
final class DemoCommand implements Runnable {

  /** Tests train for less. */
  Recipe recipe = Demo.RECIPE;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/demo",
      description = "Folder for pictures, checkpoints and the images.")
  private Path out;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  /** What {@code --json} writes. */
  private record Report(List<DemoModel> models) {}

  @Override
  public void run() {
    Backend.log();
    List<DemoModel> models = new Demo(recipe, out).run();
    spec.commandLine()
        .getOut()
        .printf("%n%s%nCurves, confusion matrices and checkpoints are in %s%n", table(models), out);
    json.write(new Report(models));
    draw(models);
  }

  private static Table table(List<DemoModel> models) {
    Table table =
        new Table(
            "", "parameters", "MACs", "top-1", "top-5", "training images/s", "inference images/s");
    for (DemoModel model : models) {
      table.row(
          model.title(),
          format("%,d", model.params()),
          format("%.1f M", model.macs() / 1e6),
          format("%.1f %%", model.top1()),
          format("%.1f %%", model.top5()),
          format("%.0f", model.trainImagesPerSecond()),
          format("%.0f", model.inferenceImagesPerSecond()));
    }
    return table;
  }

  private static String format(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }

  private void draw(List<DemoModel> models) {
    Charts.curves(
        out.resolve("loss.png"),
        "Training loss",
        "cross-entropy",
        curves(models, EpochSummary::trainLoss));
    Charts.curves(
        out.resolve("top1.png"),
        "Validation top-1",
        "percent",
        curves(models, EpochSummary::evalTop1));
    for (DemoModel model : models) {
      String name = "confusion-" + (model.customize() ? "kerneldna" : "static") + ".png";
      Charts.confusion(out.resolve(name), model.title(), model.classes(), model.confusion());
    }
  }

  private static Map<String, List<Double>> curves(
      List<DemoModel> models, ToDoubleFunction<EpochSummary> figure) {
    Map<String, List<Double>> curves = new LinkedHashMap<>();
    for (DemoModel model : models) {
      curves.put(model.title(), model.history().stream().mapToDouble(figure).boxed().toList());
    }
    return curves;
  }
}
