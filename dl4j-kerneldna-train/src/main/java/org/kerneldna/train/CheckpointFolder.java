package org.kerneldna.train;

import static java.util.Comparator.comparing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;

/**
 * The checkpoints of a training: {@value #LATEST}, some of those before it, which are named after
 * what they have done ({@code epoch-0003.zip}, {@code epoch-0003-step-000500.zip}), and {@value
 * #BEST}. Killed at any moment, a training leaves at least one that is complete.
 */
@Slf4j
public final class CheckpointFolder {

  /** Name of the newest checkpoint. */
  public static final String LATEST = "latest.zip";

  /** Name of the checkpoint of the epoch with the highest top-1. */
  public static final String BEST = "best.zip";

  /** Complete, and about to become the latest. */
  private static final String NEXT = "next.zip";

  private final Path folder;
  private final int keep;

  /** A checkpoint and where it was found. */
  public record Found(Path file, Checkpoint checkpoint) {}

  /**
   * @param folder is created where it is missing
   * @param keep how many of the newest checkpoints stay, at least 1
   * @throws InputException if the folder cannot be written into
   */
  public CheckpointFolder(Path folder, int keep) {
    AtomicFile.requireWritable(folder);
    this.folder = folder;
    this.keep = keep;
  }

  /**
   * Makes a checkpoint the latest one. If it cannot be written, all others stay.
   *
   * @throws InputException if it cannot be written
   */
  public void saveLatest(Checkpoint checkpoint) {
    Path next = folder.resolve(NEXT);
    checkpoint.save(next);
    try {
      setLatestAside();
      move(next, folder.resolve(LATEST));
      for (Path surplus : newestFirst(folder).stream().skip(keep).toList()) {
        Files.delete(surplus);
      }
    } catch (IOException e) {
      throw new InputException(folder + " cannot be written into: " + e, e);
    }
  }

  /**
   * Makes a checkpoint the best one.
   *
   * @throws InputException if it cannot be written
   */
  public void saveBest(Checkpoint checkpoint) {
    checkpoint.save(folder.resolve(BEST));
  }

  private void setLatestAside() throws IOException {
    Path latest = folder.resolve(LATEST);
    if (Files.exists(latest)) {
      try {
        move(latest, folder.resolve(name(Checkpoint.loadCard(latest))));
      } catch (InputException e) {
        log.warn("{}; it is replaced", e.getMessage());
      }
    }
  }

  private static String name(Card card) {
    int step = card.progress().step();
    return step == 0
        ? String.format(Locale.ROOT, "epoch-%04d.zip", card.epoch())
        : String.format(Locale.ROOT, "epoch-%04d-step-%06d.zip", card.epoch(), step);
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The newest checkpoint of a folder to go on from, good or damaged. */
  public static Optional<Path> newestFile(Path folder) {
    return newestFirst(folder).stream().findFirst();
  }

  /**
   * The newest checkpoint of a folder that is not damaged; those that are, are named in the log.
   *
   * @return nothing if the folder has none
   * @throws InputException if all are damaged
   */
  public static Optional<Found> newest(Path folder) {
    List<Path> files = newestFirst(folder);
    for (Path file : files) {
      try {
        return Optional.of(new Found(file, Checkpoint.load(file)));
      } catch (InputException e) {
        log.warn("{}; trying the one before", e.getMessage());
      }
    }
    if (!files.isEmpty()) {
      throw new InputException(
          "all checkpoints in %s are damaged: start without --resume, with another --ckpt-dir"
              .formatted(folder));
    }
    return Optional.empty();
  }

  private static List<Path> newestFirst(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(CheckpointFolder::isInTurn)
          .sorted(comparing(CheckpointFolder::written).thenComparing(file -> file).reversed())
          .toList();
    } catch (IOException e) {
      throw new InputException(folder + " cannot be read: " + e, e);
    }
  }

  private static boolean isInTurn(Path file) {
    String name = file.getFileName().toString();
    return name.equals(LATEST)
        || name.equals(NEXT)
        || name.matches("epoch-\\d+(-step-\\d+)?\\.zip");
  }

  /** A file that another process has just removed counts as the oldest. */
  private static FileTime written(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
