package org.kerneldna.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;
import org.kerneldna.sweep.trial.Epoch;
import org.kerneldna.sweep.trial.Trial;
import org.kerneldna.train.io.InputException;

/** Learns by a formula: best at a learning rate of 0.03, and the wider the better. */
class AnalyticTrial implements Trial {

  /** Folder and epoch of every epoch that was trained, in order. */
  final List<String> trained = Collections.synchronizedList(new ArrayList<>());

  private final long pause;

  AnalyticTrial() {
    this(0);
  }

  /**
   * @param pause milliseconds that an epoch takes
   */
  AnalyticTrial(long pause) {
    this.pause = pause;
  }

  @Override
  public Cost train(Settings settings, Path folder, int epochs, Consumer<Epoch> onEpoch) {
    int done = Files.exists(state(folder)) ? Integer.parseInt(read(state(folder))) : 0;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      if (epoch > done) {
        learn(settings, folder, epoch);
      }
      onEpoch.accept(new Epoch(epoch, 1.0 / epoch, top1(settings, epoch)));
    }
    return new Cost(Math.round(1e6 * settings.width()), Math.round(1e8 * settings.width()), null);
  }

  private void learn(Settings settings, Path folder, int epoch) {
    if (settings.lr() > 0.3 && epoch == 2) {
      throw new InputException("the loss is NaN, training has diverged");
    }
    if (settings.warmupEpochs() >= settings.epochs()) {
      throw new IllegalArgumentException("warm-up epochs cannot be used");
    }
    if (settings.width() > 4) {
      throw new OutOfMemoryError("Java heap space");
    }
    try {
      Thread.sleep(pause);
      trained.add(folder.getFileName() + "/" + epoch);
      Files.writeString(state(folder), Integer.toString(epoch));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static double top1(Settings settings, int epoch) {
    double distance = Math.log10(settings.lr() / 0.03);
    return 100
        * Math.exp(-distance * distance)
        * (1 - Math.pow(0.6, epoch))
        * (1 - 0.1 / settings.width());
  }

  private static Path state(Path folder) {
    return folder.resolve("state");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
