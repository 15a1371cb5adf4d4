package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
 * Reads the pickles of torch.save. Tensors, and what dictionaries, lists and numbers are made of,
 * are understood; any other class or function that a file names becomes a {@link PickledName}, and
 * what it would make a {@link PickledObject}, so that nothing in a file can choose what is
 * constructed. Names that {@linkplain RunsCode run code} in Python are refused. Dictionaries keep
 * their order; sets are lists, frozen ones tuples.
 *
 * <p>The result may still be a list that contains itself, or one that repeats another a million
 * times: it is for {@link PlainValues} to unfold, not to be printed or hashed.
 */
final class TorchUnpickler extends Unpickler {

  /** Enough for 25,000 tensors. A hostile pickle takes a hundred times its size in memory. */
  private static final int LONGEST_PICKLE = 1 << 22;

  /** As many digits as Python itself reads, since reading them takes long. */
  private static final int LONGEST_NUMBER = 4300;

  /** Opcodes that make numbers, texts, tuples and lists, as the superclass has them. */
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
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.MEMOIZE,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET,
          Opcodes.BINPERSID,
          Opcodes.POP,
          Opcodes.DUP,
          Opcodes.INT,
          Opcodes.FLOAT,
          Opcodes.STRING,
          Opcodes.UNICODE,
          Opcodes.LIST,
          Opcodes.GET,
          Opcodes.PUT,
          Opcodes.SHORT_BINBYTES,
          Opcodes.READONLY_BUFFER);

  private static final IObjectConstructor TENSOR = TorchUnpickler::tensor;

  private final Map<String, StorageReference> storages = new HashMap<>();
  private int start;

  /** The storages that were referred to so far, by key. */
  Map<String, StorageReference> storages() {
    return storages;
  }

  /**
   * The next pickle.
   *
   * @throws CheckpointException if it is damaged, or would run code in Python
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
      case Opcodes.BINUNICODE, Opcodes.BINSTRING, Opcodes.BINBYTES, Opcodes.LONG4 -> {
        requireHeld(Integer.BYTES);
        super.dispatch(opcode);
      }
      case Opcodes.BINUNICODE8, Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 -> {
        requireHeld(Long.BYTES);
        super.dispatch(opcode);
      }
      case Opcodes.LONG -> stack.add(number(PickleUtils.readline(input)));
      case Opcodes.POP_MARK -> stack.pop_all_since_marker();
      case Opcodes.EMPTY_SET -> stack.add(new ArrayList<>());
      case Opcodes.FROZENSET -> stack.add(stack.pop_all_since_marker().toArray());
      case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<>());
      case Opcodes.DICT -> {
        List<Object> keysAndValues = stack.pop_all_since_marker();
        stack.add(new LinkedHashMap<>());
        putAll(keysAndValues);
      }
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        putAll(Arrays.asList(stack.pop(), value));
      }
      case Opcodes.SETITEMS -> putAll(stack.pop_all_since_marker());
      case Opcodes.APPEND -> addAll(Collections.singletonList(stack.pop()));
      // The superclass trims the list each time, which takes long when there are many.
      case Opcodes.APPENDS, Opcodes.ADDITEMS -> addAll(stack.pop_all_since_marker());
      case Opcodes.GLOBAL -> stack.add(nextName());
      case Opcodes.STACK_GLOBAL -> {
        String name = (String) stack.pop();
        stack.add(named((String) stack.pop(), name));
      }
      case Opcodes.REDUCE, Opcodes.NEWOBJ -> {
        Object[] arguments = (Object[]) stack.pop();
        stack.add(call(stack.pop(), arguments));
      }
      case Opcodes.NEWOBJ_EX -> {
        stack.pop();
        Object[] arguments = (Object[]) stack.pop();
        stack.add(call(stack.pop(), arguments));
      }
      case Opcodes.OBJ -> {
        List<Object> parts = stack.pop_all_since_marker();
        stack.add(call(parts.get(0), parts.subList(1, parts.size()).toArray()));
      }
      case Opcodes.INST -> stack.add(call(nextName(), stack.pop_all_since_marker().toArray()));
      case Opcodes.BUILD -> build(stack.pop());
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
    if (parts[1] instanceof PickledName type) {
      return new PickledObject(type.name());
    }
    StorageReference storage = new StorageReference((DType) parts[1], key, whole(parts[4]));
    StorageReference before = storages.putIfAbsent(key, storage);
    if (before != null && !before.equals(storage)) {
      throw new CheckpointException(
          "storage " + quote(key) + " is described in two ways; the file is damaged");
    }
    return storage;
  }

  private Object nextName() throws IOException {
    String module = PickleUtils.readline(input);
    return named(module, PickleUtils.readline(input));
  }

  /** Functions of ours in the place of PyTorch's, types of storages, and else the name alone. */
  private static Object named(String module, String member) {
    String name = module + "." + member;
    RunsCode.refuse(module, member);
    return switch (name) {
      case "collections.OrderedDict" -> (IObjectConstructor) TorchUnpickler::orderedDict;
      case "torch._utils._rebuild_tensor_v2" -> TENSOR;
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
          (IObjectConstructor) args -> args[0];
      case "torch._tensor._rebuild_from_type_v2" ->
          (IObjectConstructor) TorchUnpickler::tensorOfClass;
      case "torch.Size" -> (IObjectConstructor) args -> (Object[]) args[0];
      case "builtins.getattr", "__builtin__.getattr" -> (IObjectConstructor) TorchUnpickler::member;
      case "_codecs.encode" -> (IObjectConstructor) TorchUnpickler::bytes;
      default -> DType.ofStorage(name).<Object>map(type -> type).orElse(new PickledName(name));
    };
  }

  private static Object call(Object called, Object[] arguments) {
    if (called instanceof PickledName type) {
      return new PickledObject(type.name(), arguments);
    }
    // Such as functools.partial, by which protocol 2 makes what has arguments with names.
    if (called instanceof PickledObject object) {
      return new PickledObject(object.name(), arguments);
    }
    return ((IObjectConstructor) called).construct(arguments);
  }

  /** How protocols before 4 name a class within a class, or how to make one: by getattr. */
  private static Object member(Object[] args) {
    if (args.length == 2
        && args[0] instanceof PickledName type
        && args[1] instanceof String member) {
      RunsCode.refuse(type.name(), member);
      return new PickledName(type.name() + "." + member);
    }
    throw RunsCode.malicious("builtins.getattr");
  }

  /** Python 2 gives it a list of pairs. */
  private static Object orderedDict(Object[] args) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    if (args.length > 0) {
      for (Object pair : (List<?>) args[0]) {
        Object[] keyAndValue = pair instanceof List<?> list ? list.toArray() : (Object[]) pair;
        put(dict, keyAndValue[0], keyAndValue[1]);
      }
    }
    return dict;
  }

  /** How protocols before 3 write bytes: as a text of which each character is one. */
  private static Object bytes(Object[] args) {
    return ((String) args[0]).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Arguments: storage, offset, shape, strides, and what concerns only gradients. */
  private static Object tensor(Object[] args) {
    if (args[0] instanceof PickledObject storage) {
      return new PickledObject("a tensor in " + storage.name());
    }
    return new TensorReference(
        (StorageReference) args[0],
        whole(args[1]),
        longs((Object[]) args[2]),
        longs((Object[]) args[3]));
  }

  /** A tensor with attributes, or of a class of its own. Arguments: function, class, arguments. */
  private static Object tensorOfClass(Object[] args) {
    return args[0] == TENSOR ? tensor((Object[]) args[2]) : new PickledObject("another tensor");
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

  private static Number number(String digits) {
    if (digits.length() > LONGEST_NUMBER) {
      throw new CheckpointException("a number of " + digits.length() + " digits");
    }
    String plain = digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits;
    return PickleUtils.optimizeBigint(new BigInteger(plain));
  }

  /** Attributes of a dictionary, such as a state_dict's _metadata, are left out. */
  private void build(Object state) {
    if (stack.peek() instanceof PickledObject object) {
      object.setState(state);
    }
  }

  /** What a queue or another list of Python's holds is left out. */
  private void addAll(List<Object> values) {
    if (!(stack.peek() instanceof PickledObject)) {
      @SuppressWarnings("unchecked")
      List<Object> list = (List<Object>) stack.peek();
      list.addAll(values);
    }
  }

  private void putAll(List<Object> keysAndValues) {
    @SuppressWarnings("unchecked")
    Map<Object, Object> dict =
        stack.peek() instanceof PickledObject object
            ? object.items()
            : (Map<Object, Object>) stack.peek();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      put(dict, keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  private static void put(Map<Object, Object> dict, Object unpickledKey, Object value) {
    Object key = key(unpickledKey);
    if (dict.containsKey(key)) {
      throw new CheckpointException(quote(key) + " is there twice; the file is damaged");
    }
    dict.put(key, value);
  }

  /** Others than texts and numbers could have a hash that does not end; Python refuses lists. */
  private static Object key(Object unpickled) {
    if (unpickled instanceof List || unpickled instanceof Map) {
      throw new CheckpointException("a list or dictionary as a key; the file is damaged");
    }
    if (unpickled instanceof Integer || unpickled instanceof Long) {
      return whole(unpickled);
    }
    return unpickled instanceof String || unpickled instanceof Double
        ? unpickled
        : new PickledObject("another key");
  }

  /** The superclass allocates what the pickle says before it reads. */
  private void requireHeld(int bytesOfLength) throws IOException {
    input.mark(bytesOfLength);
    byte[] bytes = PickleUtils.readbytes(input, bytesOfLength);
    long length =
        bytesOfLength == Integer.BYTES
            ? PickleUtils.bytes_to_integer(bytes)
            : PickleUtils.bytes_to_long(bytes, 0);
    if (length < 0 || length > input.available()) {
      throw new CheckpointException("truncated or damaged: a text of " + length + " bytes");
    }
    input.reset();
  }
}
