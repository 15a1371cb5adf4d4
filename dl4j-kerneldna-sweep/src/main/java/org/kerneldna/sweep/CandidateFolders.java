package org.kerneldna.sweep;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lombok.RequiredArgsConstructor;
import org.kerneldna.sweep.journal.Event;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Epoch;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.Json;

/**
 * The folders of the candidates, {@code candidates/0000} and so on. Each has {@code settings.json},
 * {@code curve.csv}, {@code result.json} once there is one, and what its training needs to go on.
 */
@RequiredArgsConstructor
public final class CandidateFolders {

  private final Path sweep;

  /** The folder of a candidate, from 0. */
  public Path of(int candidate) {
    return sweep.resolve("candidates").resolve(String.format(Locale.ROOT, "%04d", candidate));
  }

  void write(int candidate, Settings settings) {
    write(candidate, "settings.json", Json.toJson(settings));
  }

  void write(int candidate, Event result) {
    write(candidate, "result.json", Json.toJson(result));
  }

  void write(int candidate, List<Epoch> curve) {
    List<String> lines = new ArrayList<>(List.of("epoch,train_loss,top1"));
    curve.forEach(
        e ->
            lines.add(
                String.format(Locale.ROOT, "%d,%.6f,%.3f", e.epoch(), e.trainLoss(), e.top1())));
    write(candidate, "curve.csv", String.join("\n", lines) + "\n");
  }

  private void write(int candidate, String name, String text) {
    AtomicFile.write(of(candidate).resolve(name), temporary -> Files.writeString(temporary, text));
  }
}
