package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * torch.save's format before PyTorch 1.6: five pickles one after another (a magic number, the
 * version, the machine's byte order, what was saved, the keys of the storages), then for each
 * storage the number of its elements, as eight bytes, and the elements.
 */
final class TorchLegacy {

  private static final Object MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final Object VERSION = 1001;

  private final byte[] file;
  private final ByteArrayInputStream pickles;
  private final TorchUnpickler unpickler = new TorchUnpickler();

  private TorchLegacy(byte[] file) {
    this.file = file;
    this.pickles = new ByteArrayInputStream(file);
  }

  /** What was saved, as {@link PlainValues}. */
  static Object read(Path file) throws IOException {
    if (Files.size(file) > Integer.MAX_VALUE - Long.BYTES) {
      throw new CheckpointException(
          "beyond the limit of 2 GB of this old format; save it again with PyTorch >= 1.6");
    }
    return new TorchLegacy(Files.readAllBytes(file)).read();
  }

  private Object read() throws IOException {
    if (!MAGIC.equals(unpickler.next(pickles)) || !VERSION.equals(unpickler.next(pickles))) {
      throw new CheckpointException("a pickle, but not a file of torch.save");
    }
    boolean littleEndian =
        unpickler.next(pickles) instanceof Map<?, ?> machine
            && Boolean.TRUE.equals(machine.get("little_endian"));
    if (!littleEndian) {
      throw new CheckpointException("big-endian; save it on a little-endian machine");
    }
    Object value = unpickler.next(pickles);
    Object keys = unpickler.next(pickles);
    if (!(keys instanceof List<?> list)) {
      throw new CheckpointException("it does not list its storages; the file is damaged");
    }
    int pickled = file.length - pickles.available();
    Map<String, ByteBuffer> storages = storages(list, pickled);
    return new PlainValues(key -> Optional.ofNullable(storages.get(key)), file.length, pickled)
        .of(value);
  }

  /** The storages as far as the file reaches. */
  private Map<String, ByteBuffer> storages(List<?> keys, int start) {
    Map<String, ByteBuffer> storages = new HashMap<>();
    ByteBuffer rest = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(start);
    for (Object key : keys) {
      if (rest.remaining() < Long.BYTES) {
        break;
      }
      StorageReference storage = referred(key);
      long elements = rest.getLong();
      if (elements < 0 || elements != storage.elements()) {
        throw new CheckpointException(
            String.format(
                "storage %s has %d elements, and should have %d; the file is damaged",
                quote(storage.key()), elements, storage.elements()));
      }
      int size = storage.dtype().bytes();
      int bytes = (int) Math.min(elements, rest.remaining() / size) * size;
      storages.put(storage.key(), rest.slice(rest.position(), bytes));
      rest.position(rest.position() + bytes);
    }
    return storages;
  }

  private StorageReference referred(Object key) {
    if (key instanceof String name && unpickler.storages().containsKey(name)) {
      return unpickler.storages().get(name);
    }
    throw new CheckpointException("it lists a storage that no tensor uses; the file is damaged");
  }
}
