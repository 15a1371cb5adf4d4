package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes plain, unmodifiable values of what a pickle held: maps, lists, texts, numbers (whole ones
 * as Long), truth values, null, {@link Tensor tensors} that have been checked, and {@link Opaque}
 * for all else, whatever it holds.
 */
final class PlainValues {

  private static final int DEEPEST = 16;

  private final Storages storages;
  private final long fileBytes;
  private long budget;

  /**
   * @param fileBytes the size of the file, which bounds the elements of a tensor: a view can repeat
   *     an element without end
   * @param pickleBytes the size of the pickle, which bounds the number of values: each took at
   *     least a byte, unless a list is in many places or in itself
   */
  PlainValues(Storages storages, long fileBytes, long pickleBytes) {
    this.storages = storages;
    this.fileBytes = fileBytes;
    this.budget = pickleBytes;
  }

  Object of(Object unpickled) throws IOException {
    return of(unpickled, 0);
  }

  private Object of(Object value, int depth) throws IOException {
    if (depth > DEEPEST || --budget < 0) {
      throw new CheckpointException("values within values without end; the file is damaged");
    }
    if (value instanceof Map<?, ?> map) {
      return map(map, depth + 1);
    }
    if (value instanceof List<?> list) {
      return list(list, depth + 1);
    }
    if (value instanceof Object[] tuple) {
      return list(Arrays.asList(tuple), depth + 1);
    }
    if (value instanceof TensorReference tensor) {
      return tensor(tensor);
    }
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value == null
        || value instanceof String
        || value instanceof Number
        || value instanceof Boolean) {
      return value;
    }
    if (value instanceof PickledObject object) {
      return object.items().isEmpty() ? number(object) : map(object.items(), depth + 1);
    }
    return new Opaque(
        value instanceof PickledName name
            ? name.name()
            : value instanceof byte[] ? "bytes" : "a type or function of PyTorch");
  }

  private static Object number(PickledObject object) {
    return NumpyScalar.of(object).<Object>map(n -> n).orElse(new Opaque(object.name()));
  }

  private Map<Object, Object> map(Map<?, ?> map, int depth) throws IOException {
    Map<Object, Object> plain = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      try {
        plain.put(plainKey(entry.getKey()), of(entry.getValue(), depth));
      } catch (CheckpointException e) {
        throw e.in(quote(entry.getKey()));
      }
    }
    return Collections.unmodifiableMap(plain);
  }

  private static Object plainKey(Object key) {
    return key instanceof PickledObject object ? new Opaque(object.name()) : key;
  }

  private List<Object> list(List<?> list, int depth) throws IOException {
    List<Object> plain = new ArrayList<>();
    for (Object value : list) {
      plain.add(of(value, depth));
    }
    return Collections.unmodifiableList(plain);
  }

  private Tensor tensor(TensorReference reference) throws IOException {
    long elements = Tensor.elements(reference.shape());
    if (elements > fileBytes) {
      throw new CheckpointException(
          String.format("%d elements in a file of %d bytes; it is damaged", elements, fileBytes));
    }
    return new Tensor(
        reference.storage().dtype(),
        reference.shape(),
        reference.strides(),
        reference.offset(),
        storage(reference.storage()));
  }

  private ByteBuffer storage(StorageReference storage) throws IOException {
    Optional<ByteBuffer> bytes = storages.find(storage.key());
    if (bytes.isEmpty()) {
      throw new CheckpointException(
          "its storage "
              + quote(storage.key())
              + " is missing; the file is incomplete, get it again");
    }
    long held = bytes.get().limit();
    // Which may be more than fits a long.
    BigInteger declared =
        BigInteger.valueOf(storage.elements())
            .multiply(BigInteger.valueOf(storage.dtype().bytes()));
    if (!declared.equals(BigInteger.valueOf(held))) {
      throw new CheckpointException(
          String.format(
              "its storage %s holds %d bytes, and should hold %d; the file is damaged",
              quote(storage.key()), held, declared));
    }
    return bytes.get();
  }
}
