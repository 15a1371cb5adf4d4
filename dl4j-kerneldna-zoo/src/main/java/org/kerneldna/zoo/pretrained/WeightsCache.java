package org.kerneldna.zoo.pretrained;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import lombok.RequiredArgsConstructor;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.zoo.io.Sha256;

/** A folder of downloaded weights. No file is used whose checksum is not as the catalogue says. */
@Slf4j
@RequiredArgsConstructor
public final class WeightsCache {

  private final Path folder;

  /**
   * The file of {@code weights}, downloaded if it is not in the cache yet. An interrupted download
   * goes on where it stopped. A file on this machine is used where it is.
   *
   * @throws IOException if there is no such file, it cannot be reached or kept, or its checksum
   *     differs
   */
  public Path fetch(PretrainedWeights weights) throws IOException {
    try {
      return weights.isRemote() ? cached(weights) : local(weights);
    } catch (FileSystemException e) {
      // Whose own message may be the file's name alone.
      throw new IOException(
          "%s cannot be used, it needs room and permission: %s".formatted(e.getFile(), e), e);
    }
  }

  private Path cached(PretrainedWeights weights) throws IOException {
    Path file = folder.resolve(weights.fileName());
    if (Files.exists(file)) {
      if (Sha256.of(file).startsWith(weights.sha256())) {
        return file;
      }
      log.warn("{} is damaged and is downloaded again", file);
    }
    return download(weights, file);
  }

  private static Path local(PretrainedWeights weights) throws IOException {
    Path file = path(weights);
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          file + ", the weights of " + weights.model() + " in the catalogue, is not a file");
    }
    return verified(file, weights);
  }

  private static Path path(PretrainedWeights weights) throws IOException {
    try {
      return Path.of(weights.url());
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s, the weights of %s in the catalogue, is no file of this machine: write file:///PATH"
              .formatted(weights.url(), weights.model()),
          e);
    }
  }

  private Path download(PretrainedWeights weights, Path file) throws IOException {
    Files.createDirectories(folder);
    Path part = file.resolveSibling(file.getFileName() + Download.PART);
    log.info("Downloading {} ({}) to {}", weights.url(), weights.source(), file);
    new Download(weights.url(), part).run();
    try {
      verified(part, weights);
    } catch (IOException e) {
      Files.delete(part);
      throw e;
    }
    return Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
  }

  private static Path verified(Path file, PretrainedWeights weights) throws IOException {
    String checksum = Sha256.of(file);
    if (!checksum.startsWith(weights.sha256())) {
      throw new IOException(
          "%s has SHA-256 %s, and %s in the catalogue: it is damaged or another file"
              .formatted(weights.url(), checksum, weights.sha256()));
    }
    return file;
  }
}
