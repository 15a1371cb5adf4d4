package org.kerneldna.train;

import static java.util.stream.Collectors.groupingBy;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.io.InputException;

/**
 * Trainings side by side: those that differ in nothing but the seed count as one.
 *
 * @param networks in the order in which their first trainings were given
 * @param differences names of the settings in which they differ, as recipe.yaml has them, beside
 *     the architecture, whether it has KernelDNA or is adapted, and the width
 */
public record Comparison(List<Network> networks, List<String> differences) {

  /** Headers of {@link Network#cells}. */
  public static final List<String> COLUMNS =
      List.of("network", "parameters", "MACs", "runs", "epochs", "top-1, %", "images/s");

  /** Settings that every name begins with. */
  private static final List<String> NAMED = List.of("arch", "customize", "adapted", "width");

  /**
   * A network and how its trainings ended.
   *
   * @param name for people: the network, and its values of the settings that differ
   * @param seeds of the trainings
   * @param macs multiply-accumulates of one image
   * @param runs number of trainings
   * @param epochs that all of them have done
   * @param top1 mean of the validation top-1 after those epochs, in percent
   * @param top1Std standard deviation of that, with n - 1; 0 of a single training
   * @param imagesPerSecond mean over trainings and epochs, in training
   * @param curve mean of the validation top-1 by epoch
   * @param losses mean of the training loss by epoch
   */
  public record Network(
      String name,
      List<Long> seeds,
      long parameters,
      long macs,
      int runs,
      int epochs,
      double top1,
      double top1Std,
      double imagesPerSecond,
      List<Double> curve,
      List<Double> losses) {

    /** Its row of a table, as {@link #COLUMNS} names the cells. */
    public List<String> cells() {
      return List.of(
          name,
          cell("%,d", parameters),
          cell("%,d", macs),
          cell("%d", runs),
          cell("%d", epochs),
          runs > 1 ? cell("%.2f ± %.2f", top1, top1Std) : cell("%.2f", top1),
          cell("%.0f", imagesPerSecond));
    }

    private static String cell(String format, Object... values) {
      return String.format(Locale.ROOT, format, values);
    }
  }

  private record Run(
      Path folder,
      Card card,
      Complexity complexity,
      Map<String, String> settings,
      List<Map<String, String>> epochs) {

    static Run read(Path folder) {
      Checkpoint latest = Checkpoint.load(folder.resolve(CheckpointFolder.LATEST));
      List<Map<String, String>> epochs = SummaryCsv.read(folder.resolve(SummaryCsv.NAME));
      if (epochs.isEmpty()) {
        throw new InputException(folder + " has no epoch yet: train it further, or leave it out");
      }
      return new Run(
          folder, latest.card(), latest.complexity(), TrainingSettings.of(latest), epochs);
    }

    double figure(int epoch, String column) {
      return SummaryCsv.number(folder.resolve(SummaryCsv.NAME), epochs.get(epoch), column);
    }
  }

  /**
   * Reads trainings.
   *
   * @param folders of checkpoints and {@code summary.csv}
   * @throws InputException if one has no epoch that is done
   */
  public static Comparison of(List<Path> folders) {
    List<Run> runs = folders.stream().map(Run::read).toList();
    Map<Map<String, String>, List<Run>> alike =
        runs.stream().collect(groupingBy(Run::settings, LinkedHashMap::new, Collectors.toList()));
    List<String> differences =
        TrainingSettings.differing(alike.keySet()).stream()
            .filter(name -> !NAMED.contains(name))
            .toList();
    return new Comparison(
        alike.values().stream().map(group -> network(group, differences)).toList(), differences);
  }

  /** Where the differences are too long for a line, the folder stands for them. */
  private static String name(Run run, List<String> differences) {
    ModelSpec model = run.card().model();
    return "%s, width %s".formatted(model.title(), model.width())
        + TrainingSettings.line(run.settings(), differences).orElse(", in " + run.folder());
  }

  private static Network network(List<Run> runs, List<String> differences) {
    Run first = runs.get(0);
    int epochs = runs.stream().mapToInt(run -> run.epochs().size()).min().orElseThrow();
    List<Double> last = runs.stream().map(run -> run.figure(epochs - 1, "eval_top1")).toList();
    return new Network(
        name(first, differences),
        runs.stream().map(run -> run.card().recipe().seed()).toList(),
        first.complexity().parameters(),
        first.complexity().macs(),
        runs.size(),
        epochs,
        mean(last),
        std(last),
        mean(means(runs, epochs, "train_images_per_second")),
        means(runs, epochs, "eval_top1"),
        means(runs, epochs, "train_loss"));
  }

  private static List<Double> means(List<Run> runs, int epochs, String column) {
    return IntStream.range(0, epochs)
        .mapToObj(e -> mean(runs.stream().map(run -> run.figure(e, column)).toList()))
        .toList();
  }

  private static double mean(Collection<Double> values) {
    return values.stream().mapToDouble(value -> value).average().orElseThrow();
  }

  private static double std(Collection<Double> values) {
    double mean = mean(values);
    double squares = values.stream().mapToDouble(value -> Math.pow(value - mean, 2)).sum();
    return Math.sqrt(squares / Math.max(1, values.size() - 1));
  }
}
