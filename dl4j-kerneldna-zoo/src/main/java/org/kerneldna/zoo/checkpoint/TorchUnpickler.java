package org.kerneldna.zoo.checkpoint;

import static org.kerneldna.zoo.checkpoint.CheckpointException.quote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads the pickles of torch.save, and only those: opcodes and globals that a state_dict or the
 * state of an optimizer does not need are refused by name, so that nothing in a file can choose
 * what is constructed. Dictionaries keep their order.
 *
 * <p>The result may still be a list that contains itself, or one that repeats another a million
 * times: it is for {@link PlainValues} to unfold, not to be printed or hashed.
 */
final class TorchUnpickler extends Unpickler {

  /** Enough for 25,000 tensors. A hostile pickle takes a hundred times its size in memory. */
  private static final int LONGEST_PICKLE = 1 << 22;

  /** Opcodes that make numbers, texts, tuples and lists, and those that call what may be called. */
  private static final Set<Short> HARMLESS =
      Set.of(
          Opcodes.PROTO,
          Opcodes.FRAME,
          Opcodes.STOP,
          Opcodes.MARK,
          Opcodes.NONE,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG1,
          Opcodes.BINFLOAT,
          Opcodes.SHORT_BINSTRING,
          Opcodes.SHORT_BINUNICODE,
          Opcodes.EMPTY_TUPLE,
          Opcodes.TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.EMPTY_LIST,
          Opcodes.APPEND,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.MEMOIZE,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET,
          Opcodes.REDUCE,
          Opcodes.BINPERSID);

  private final Map<String, StorageReference> storages = new HashMap<>();
  private int start;

  /** The storages that were referred to so far, by key. */
  Map<String, StorageReference> storages() {
    return storages;
  }

  /**
   * The next pickle.
   *
   * @throws CheckpointException if it is damaged, or asks for anything unlisted
   */
  Object next(ByteArrayInputStream pickles) {
    start = pickles.available();
    try {
      return load(pickles);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Of which the superclass throws many kinds: wrong casts, an empty stack, an unknown memo.
      throw new CheckpointException("truncated or damaged, or not a file of torch.save", e);
    }
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    if (start - input.available() > LONGEST_PICKLE) {
      throw new CheckpointException(
          "the pickle is longer than " + LONGEST_PICKLE + " bytes; save the state_dict alone");
    }
    if (HARMLESS.contains(opcode)) {
      return super.dispatch(opcode);
    }
    switch (opcode) {
      case Opcodes.BINUNICODE, Opcodes.BINSTRING -> {
        requireString(input);
        super.dispatch(opcode);
      }
      case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<>());
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        putAll(Arrays.asList(stack.pop(), value));
      }
      case Opcodes.SETITEMS -> putAll(stack.pop_all_since_marker());
      // The superclass trims the list each time, which takes long when there are many.
      case Opcodes.APPENDS -> addAll(stack.pop_all_since_marker());
      case Opcodes.GLOBAL -> {
        String module = PickleUtils.readline(input);
        stack.add(global(module, PickleUtils.readline(input)));
      }
      case Opcodes.STACK_GLOBAL -> {
        String name = (String) stack.pop();
        stack.add(global((String) stack.pop(), name));
      }
      // Attributes of a dictionary, such as a state_dict's _metadata: left out.
      case Opcodes.BUILD -> stack.pop();
      default ->
          throw new CheckpointException(
              String.format(
                  "truncated or damaged, or not a file of torch.save: pickle opcode 0x%02x",
                  opcode));
    }
    return NO_RETURN_VALUE;
  }

  @Override
  protected Object persistentLoad(Object id) {
    Object[] parts = (Object[]) id;
    boolean view = parts.length == 6 && parts[5] != null;
    if (!parts[0].equals("storage") || parts.length < 5 || parts.length > 6 || view) {
      throw new CheckpointException(
          "a storage in a form that this reader does not know; save it again with PyTorch >= 1.6");
    }
    String key = (String) parts[2];
    StorageReference storage = new StorageReference((DType) parts[1], key, whole(parts[4]));
    StorageReference before = storages.putIfAbsent(key, storage);
    if (before != null && !before.equals(storage)) {
      throw new CheckpointException(
          "storage " + quote(key) + " is described in two ways; the file is damaged");
    }
    return storage;
  }

  /** What a pickle may name: functions of ours in the place of Python's, and types of storages. */
  private static Object global(String module, String member) {
    String name = module + "." + member;
    return switch (name) {
      case "collections.OrderedDict" -> (IObjectConstructor) TorchUnpickler::orderedDict;
      case "torch._utils._rebuild_tensor_v2" -> (IObjectConstructor) TorchUnpickler::tensor;
      case "torch._utils._rebuild_parameter" ->
          (IObjectConstructor) args -> (TensorReference) args[0];
      case "torch.Size" -> (IObjectConstructor) args -> (Object[]) args[0];
      default ->
          DType.ofStorage(name)
              .orElseThrow(
                  () ->
                      new CheckpointException(
                          "asks for "
                              + quote(name)
                              + ", which is no part of a state_dict, and is refused;"
                              + " save model.state_dict() instead"));
    };
  }

  private static Object orderedDict(Object[] args) {
    if (args.length > 0) {
      throw new CheckpointException(
          "a dictionary as Python 2 pickled it; save it again with Python 3");
    }
    return new LinkedHashMap<>();
  }

  /** Arguments: storage, offset, shape, strides, and what concerns only gradients. */
  private static Object tensor(Object[] args) {
    return new TensorReference(
        (StorageReference) args[0],
        whole(args[1]),
        longs((Object[]) args[2]),
        longs((Object[]) args[3]));
  }

  private static long[] longs(Object[] numbers) {
    if (numbers.length > Tensor.MOST_DIMENSIONS) {
      throw new CheckpointException("a tensor of " + numbers.length + " dimensions");
    }
    return Stream.of(numbers).mapToLong(TorchUnpickler::whole).toArray();
  }

  private static long whole(Object number) {
    if (number instanceof Integer || number instanceof Long) {
      return ((Number) number).longValue();
    }
    throw new CheckpointException("a size that is no whole number; the file is damaged");
  }

  private void addAll(List<Object> values) {
    @SuppressWarnings("unchecked")
    List<Object> list = (List<Object>) stack.peek();
    list.addAll(values);
  }

  private void putAll(List<Object> keysAndValues) {
    @SuppressWarnings("unchecked")
    Map<Object, Object> dict = (Map<Object, Object>) stack.peek();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = key(keysAndValues.get(i));
      if (dict.containsKey(key)) {
        throw new CheckpointException(quote(key) + " is there twice; the file is damaged");
      }
      dict.put(key, keysAndValues.get(i + 1));
    }
  }

  /** Names and whole numbers; other keys could have a hash that does not end. */
  private static Object key(Object unpickled) {
    return unpickled instanceof String ? unpickled : (Object) whole(unpickled);
  }

  /** The superclass allocates what the pickle says before it reads. */
  private static void requireString(InputStream input) throws IOException {
    input.mark(Integer.BYTES);
    int length = PickleUtils.bytes_to_integer(PickleUtils.readbytes(input, Integer.BYTES));
    if (length < 0 || length > input.available()) {
      throw new CheckpointException("truncated or damaged: a name of " + length + " bytes");
    }
    input.reset();
  }
}
