package org.kerneldna.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Recognises a file's format, and knows what the reference's program calls what it saves. */
final class CheckpointReader {

  private CheckpointReader() {}

  static TorchCheckpoint read(Path file) {
    return guard(file, f -> checkpoint(f, content(f)));
  }

  /** Something that reads a file. */
  interface Reading<T> {
    T read(Path file) throws IOException;
  }

  /** Reads, and makes whatever goes wrong an exception that names the file. */
  static <T> T guard(Path file, Reading<T> reading) {
    try {
      return reading.read(file);
    } catch (CheckpointException e) {
      throw e.in(file.toString());
    } catch (NoSuchFileException e) {
      throw new CheckpointException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Map<?, ?> content(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(Long.BYTES + 1);
    }
    if (Safetensors.startsLike(start)) {
      return Safetensors.load(file).tensors();
    }
    Object saved;
    if (start.length > 1 && start[0] == 'P' && start[1] == 'K') {
      saved = TorchZip.read(file);
    } else if (start.length > 0 && start[0] == (byte) 0x80) {
      saved = TorchLegacy.read(file);
    } else {
      throw new CheckpointException(
          start.length == 0
              ? "is empty; get it again"
              : "neither a file of torch.save nor safetensors; save model.state_dict()");
    }
    if (saved instanceof Map<?, ?> map) {
      return map;
    }
    throw new CheckpointException("holds no dictionary; save model.state_dict()");
  }

  private static TorchCheckpoint checkpoint(Path file, Map<?, ?> content) {
    SavedParts parts = new SavedParts(content);
    return new TorchCheckpoint(
        file,
        parts.tensorDicts(),
        content.get("epoch") instanceof Number epoch ? Optional.of(epoch) : Optional.empty(),
        content.get("arch") instanceof String arch ? Optional.of(arch) : Optional.empty(),
        accuracy(content.get("best_acc1")),
        parts.optimizers(),
        parts.schedulers());
  }

  /** A number, or, as the reference saves it, a tensor of one number. */
  private static OptionalDouble accuracy(Object saved) {
    if (saved instanceof Tensor tensor && tensor.length() == 1) {
      return OptionalDouble.of(tensor.toDoubles()[0]);
    }
    return saved instanceof Number number
        ? OptionalDouble.of(number.doubleValue())
        : OptionalDouble.empty();
  }
}
