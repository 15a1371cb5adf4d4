package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.torch.HostileFileTest.assertRefused;
import static org.kerneldna.torch.Pickles.call;
import static org.kerneldna.torch.Pickles.fourFloats;
import static org.kerneldna.torch.Pickles.global;
import static org.kerneldna.torch.Pickles.legacy;
import static org.kerneldna.torch.Pickles.pickle;
import static org.kerneldna.torch.Pickles.storage;
import static org.kerneldna.torch.Pickles.tensor;
import static org.kerneldna.torch.Pickles.zip;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import net.razorvine.pickle.Unpickler;
import net.razorvine.pickle.objects.ClassDictConstructor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.torch.Pickles.Raw;

/** Files made to mislead a reader, one defect each. */
class CraftedFileTest {

  @TempDir Path folder;

  @Test
  void theSameWithoutADefectIsRead() throws IOException {
    TorchCheckpoint checkpoint = TorchCheckpoint.read(saved(Map.of("weight", tensor())));
    assertThat(checkpoint.stateDict()).containsOnlyKeys("weight");
    assertThat(checkpoint.stateDict().get("weight").toFloats()).containsExactly(1, 2, 3, 4);
    assertThat(TorchCheckpoint.read(file(legacyOf(fourFloats()))).stateDict().get("weight"))
        .hasToString("FLOAT32 [2, 2]");
  }

  // What a pickle may ask for

  @ParameterizedTest
  @CsvSource({
    "builtins, eval",
    "builtins, exec",
    "builtins, __import__",
    "__builtin__, eval",
    "os, system",
    "posix, system",
    "nt, system",
    "subprocess, Popen",
    "sys, modules",
    "importlib, import_module",
    "runpy, run_path",
    "operator, attrgetter",
    "functools, reduce",
    "numpy, load",
    "numpy.testing._private.utils, runstring",
    "torch, load",
    "torch.storage, _load_from_bytes",
    "collections, OrderedDict.__init__.__globals__",
  })
  void whatRunsCodeIsRefusedWhereverItStands(String module, String name) throws IOException {
    String saying = "malicious: Python would run \"" + module + "." + name + "\"";
    Raw global = global(module, name);
    assertRefused(saved(Map.of("w", tensor(), "x", global)), saying);
    assertRefused(saved(Map.of("w", tensor(), "x", call(module, name, "a"))), saying);
    assertRefused(saved(Map.of("w", tensor(), "x", call("functools", "partial", global))), saying);
    assertRefused(saved(new Raw(global.opcodes() + "0}")), saying);
    String onStack = "X" + length(module) + module + "X" + length(name) + name + "\u0093";
    assertRefused(saved(new Raw(onStack)), saying);
    assertRefused(saved(new Raw("(i" + module + "\n" + name + "\n")), saying);
  }

  @Test
  void getattrNamesPartsOfClassesAndNothingElse() throws IOException {
    Raw type = global("__main__", "Config");
    Raw part = call("builtins", "getattr", type, "Part");
    Map<?, ?> saved = Map.of("w", tensor(), "x", new Raw(part.opcodes() + ")R"));
    assertThat(TorchCheckpoint.read(saved(saved)).stateDict()).containsOnlyKeys("w");
    for (Object[] arguments :
        new Object[][] {
          {type, "__init__"},
          {type, "__globals__"},
          {part, "__subclasses__"},
          {call("__main__", "Config"), "run"},
          {"text", "format"},
          {type},
        }) {
      assertRefused(saved(Map.of("w", call("builtins", "getattr", arguments))), "malicious");
    }
  }

  @Test
  void tensorsWithAttributes() throws IOException {
    Raw storage = storage("0", 4);
    Object[] arguments = {storage, 0, new Object[] {2, 2}, new Object[] {2, 1}, false, null};
    Raw rebuild = global("torch._utils", "_rebuild_tensor_v2");
    Raw type = global("torch.nn", "Parameter");
    Raw tensor = call("torch._tensor", "_rebuild_from_type_v2", rebuild, type, arguments, Map.of());
    assertThat(TorchCheckpoint.read(saved(Map.of("w", tensor))).stateDict().get("w").toFloats())
        .containsExactly(1, 2, 3, 4);

    String function = "ctorch._tensor\n_rebuild_from_type_v2\n";
    String nested = (function + "N").repeat(50_000) + ")" + "\u0087".repeat(50_000);
    assertRefused(saved(Map.of("w", new Raw(function + nested + "R"))));
  }

  private static String length(String text) {
    return (char) text.length() + "\0\0\0";
  }

  @ParameterizedTest
  @CsvSource({
    "builtins, set",
    "decimal, Decimal",
    "datetime, datetime",
    "numpy.core.multiarray, _reconstruct",
    "numpy.random._pickle, __generator_ctor",
    "torch, ComplexFloatStorage",
    "torch, float32",
    "java.lang, Runtime",
    "os_utils, Thing",
    "__main__, Config",
    "their, Thing",
  })
  void allElseIsInertAndNoTensor(String module, String name) throws IOException {
    // Whoever else uses the library may have made it construct something.
    Unpickler.registerConstructor("their", "Thing", new ClassDictConstructor("their", "Thing"));
    String saying = "\"" + module + "." + name + "\"";
    Raw global = global(module, name);
    Raw made = call(module, name, "a", 1, new Object[] {2.5});
    String built = made.opcodes() + "}X\1\0\0\0aK\1sb";
    String[] forms = {
      global.opcodes(),
      made.opcodes(),
      built,
      global.opcodes() + ")\u0081",
      global.opcodes() + ")}\u0092",
      "(" + global.opcodes() + "K\1o",
      "(K\1i" + module + "\n" + name + "\n",
      made.opcodes() + "(K\1K\2e",
    };
    for (String form : forms) {
      assertRefused(saved(Map.of("w", new Raw(form))), "no tensors, but \"w\"", saying);
      assertThat(TorchCheckpoint.read(saved(Map.of("w", tensor(), "x", new Raw(form)))).stateDict())
          .containsOnlyKeys("w");
    }
  }

  @Test
  void opcodesThatConstructInOtherWays() throws IOException {
    String[] others = {"N)\u0081", "Pid\n", "\u0082\1"};
    for (String opcodes : others) {
      assertRefused(saved(Map.of("w", new Raw(opcodes))));
    }
  }

  @Test
  void typesAreNotCalled() throws IOException {
    assertRefused(saved(Map.of("w", call("torch", "FloatStorage", 7))), "damaged");
  }

  @Test
  void attributesAreLeftOut() throws IOException {
    Raw dict = call("collections", "OrderedDict");
    Raw withMetadata = new Raw(dict.opcodes() + "X\1\0\0\0w" + tensor().opcodes() + "s}b");
    assertThat(TorchCheckpoint.read(saved(withMetadata)).stateDict()).containsOnlyKeys("w");
  }

  // How it is put together

  @Test
  void aNameTwice() throws IOException {
    Raw twice =
        new Raw("}(X\1\0\0\0w" + tensor().opcodes() + "X\1\0\0\0w" + tensor().opcodes() + "u");
    assertRefused(saved(twice), "\"w\" is there twice");
  }

  @Test
  void aNameWithAndWithoutItsPrefix() throws IOException {
    assertRefused(saved(Map.of("w", tensor(), "_orig_mod.w", tensor())), "\"w\" is there twice");
  }

  @Test
  void keysThatAreNoNames() throws IOException {
    Map<Object, Object> keys = new LinkedHashMap<>();
    keys.put("w", tensor());
    keys.put(null, 1);
    keys.put(true, 1);
    keys.put(2.5, 1);
    keys.put(new Object[] {1, new Object[] {2}}, 1);
    keys.put(new Raw("(K\1K\2\u0091"), 1);
    keys.put(call("torch", "device", "cpu"), 1);
    keys.put(call("torch", "device", "cuda"), 1);
    assertThat(TorchCheckpoint.read(saved(keys)).stateDict()).containsOnlyKeys("w");
  }

  @Test
  @Timeout(30)
  void objectsWithinObjectsAndInThemselves() throws IOException {
    String type = "c__main__\nA\n";
    String nested = type.repeat(100_000) + ")R" + "\u0085R".repeat(99_999);
    String inItself = type + ")Rq\0h\0b";
    String asItsOwnKey = type + ")Rq\0h\0Ns";
    StringBuilder doubling = new StringBuilder(type + ")Rq\0");
    for (char level = 1; level < 100; level++) {
      String before = "h" + (char) (level - 1);
      doubling
          .append("0")
          .append(type)
          .append(before)
          .append(before)
          .append("\u0086Rq")
          .append(level);
    }
    for (String object : new String[] {nested, inItself, asItsOwnKey, doubling.toString()}) {
      Map<?, ?> saved = Map.of("w", tensor(), "x", new Raw(object));
      assertThat(TorchCheckpoint.read(saved(saved)).stateDict()).containsOnlyKeys("w");
    }
    assertRefused(saved(new Raw(type + ")Rq\0X\1\0\0\0ah\0s")), "without end");
  }

  @Test
  @Timeout(30)
  void aLongKeyAboveManyOthers() throws IOException {
    StringBuilder below = new StringBuilder("}(");
    for (int i = 0; i < 100_000; i++) {
      below.append('J').append((char) (i & 255)).append((char) (i >> 8 & 255));
      below.append((char) (i >> 16)).append("\0}");
    }
    Raw many = new Raw(below + "u");
    assertRefused(saved(Map.of("x".repeat(2_000_000), many)), "no tensors");
  }

  @Test
  void lengthsThatLie() throws IOException {
    for (String opcode : new String[] {"X", "T", "B", "\u008b"}) {
      assertRefused(saved(new Raw(opcode + "\377\377\377\177abc")), "2147483647 bytes");
    }
    for (String opcode : new String[] {"\u008d", "\u008e", "\u0096"}) {
      assertRefused(saved(new Raw(opcode + "\377\377\377\377\377\377\377\177abc")), "bytes");
    }
    assertRefused(saved(new Raw("L" + "9".repeat(1_000_000) + "L\n")), "1000001 digits");
  }

  @Test
  void aListInItself() throws IOException {
    assertRefused(saved(Map.of("w", new Raw("]q\0h\0a"))), "without end");
  }

  @Test
  void aDictionaryInItself() throws IOException {
    assertRefused(saved(new Raw("}q\0X\1\0\0\0wh\0s")), "without end");
  }

  @Test
  void aListAsItsOwnKey() throws IOException {
    assertRefused(saved(new Raw("}]q\0h\0ah\0Ns")));
  }

  @Test
  void listsThatDoubleAtEveryLevel() throws IOException {
    StringBuilder lists = new StringBuilder("]q\0");
    for (char level = 1; level < 15; level++) {
      char before = (char) (level - 1);
      lists.append("](").append(("h" + before).repeat(50)).append("eq").append(level);
    }
    Raw top = new Raw("}X\1\0\0\0w" + lists + "s");
    assertRefused(saved(top));
  }

  @Test
  void manyLevels() throws IOException {
    assertRefused(
        saved(Map.of("w", new Raw("]".repeat(200_000) + "a".repeat(199_999)))), "without end");
  }

  @Test
  @Timeout(30)
  void manyAdditionsToALongList() throws IOException {
    Raw list = new Raw("](" + "N".repeat(500_000) + "e" + "(Ne".repeat(500_000));
    assertRefused(saved(Map.of("w", list)), "no tensors, but \"w\" of type \"list\"");
  }

  @Test
  void aPickleWithoutEnd() throws IOException {
    assertRefused(saved(Map.of("w", new Raw("N".repeat(5_000_000)))), "longer than 4194304 bytes");
  }

  @Test
  void memosThatWereNeverFilled() throws IOException {
    assertRefused(saved(Map.of("w", new Raw("h\7"))), "damaged");
    assertRefused(saved(Map.of("w", new Raw("j\377\377\377\377"))), "damaged");
  }

  @Test
  void anEmptyStack() throws IOException {
    for (String opcodes : new String[] {"", "t", "R", "\u0086", "s", "u", "a", "e", "b", "Q"}) {
      assertRefused(file(zip(pickle(new Raw(opcodes)), fourFloats())));
    }
  }

  @Test
  void aTextThatClaimsTwoGigabytes() throws IOException {
    assertRefused(saved(new Raw("X\377\377\377\177name")), "2147483647 bytes");
    assertRefused(saved(new Raw("X\377\377\377\377name")), "-1 bytes");
  }

  @Test
  void namesThatWouldBreakTheLine() throws IOException {
    assertRefused(saved(Map.of("a\nb\u001b[31m" + "x".repeat(10_000), 1)), "\"a?b?[31mxxx", "...");
  }

  @Test
  void somethingElseThanAStateDict() throws IOException {
    assertRefused(saved(List.of(tensor())), "no dictionary");
    assertRefused(saved(Map.of()), "no tensors; save model.state_dict()");
    assertRefused(saved(Map.of("state_dict", 3)), "\"state_dict\" of type \"number\"");
  }

  // Sizes

  @ParameterizedTest
  @ValueSource(longs = {1L << 60, Long.MAX_VALUE, 1L << 31, 1000, -1, 5, 3, 0})
  void declaredElementsOfTheStorage(long elements) throws IOException {
    Raw tensor = tensor(elements, 0, new Object[] {2, 2}, new Object[] {2, 1});
    assertRefused(saved(Map.of("w", tensor)), "\"w\"", "holds 16 bytes", "should hold");
  }

  @Test
  void shapesThatReachBeyondTheStorage() throws IOException {
    assertRefused(saved(view(0, List.of(5), List.of(1))), "\"w\"", "20 bytes", "holds 16");
    assertRefused(saved(view(1, List.of(4), List.of(1))), "20 bytes");
    assertRefused(saved(view(0, List.of(2, 2), List.of(3, 1))), "20 bytes");
    assertRefused(saved(view(0, List.of(2), List.of(Long.MAX_VALUE))), "\"w\"");
    assertRefused(saved(view(Long.MAX_VALUE, List.of(2), List.of(1))), "\"w\"");
  }

  @Test
  void shapesThatAreNone() throws IOException {
    assertRefused(saved(view(0, List.of(-2, -2), List.of(1, 1))), "impossible shape [-2, -2]");
    assertRefused(saved(view(0, List.of(1L << 60), List.of(1))), "1152921504606846976 elements");
    assertRefused(saved(view(0, List.of(1L << 60), List.of(0))), "1152921504606846976 elements");
    assertRefused(saved(view(0, List.of(1L << 32, 1L << 32), List.of(0, 0))), "impossible shape");
    assertRefused(saved(view(-1, List.of(2), List.of(1))), "offset -1");
    assertRefused(saved(view(3, List.of(2), List.of(-1))), "strides [-1]");
    assertRefused(saved(view(0, List.of(2, 2), List.of(1))), "strides [1]");
    assertRefused(saved(view(0, List.of(2.5), List.of(1))), "no whole number");
    List<Integer> many = Collections.nCopies(100, 1);
    assertRefused(saved(view(0, many, many)), "100 dimensions");
  }

  @Test
  void oneStorageDescribedInTwoWays() throws IOException {
    Raw other = tensor(8, 0, new Object[] {2}, new Object[] {1});
    assertRefused(saved(Map.of("v", tensor(), "w", other)), "described in two ways");
  }

  @Test
  void aMissingStorage() throws IOException {
    Raw tensor = tensor(storage("../0", 4), 0, new Object[] {4}, new Object[] {1});
    assertRefused(saved(Map.of("w", tensor)), "\"w\"", "\"../0\" is missing");
  }

  // The zip

  @Test
  void otherZipFiles() throws IOException {
    byte[] pickle = pickle(Map.of("w", tensor()));
    assertRefused(zipOf(Map.of("readme", pickle)), "0 entries FOLDER/data.pkl");
    assertRefused(zipOf(Map.of("a/data.pkl", pickle, "b/data.pkl", pickle)), "2 entries");
    byte[] deflated = zip(Map.of("net/data.pkl", new byte[100_000]), ZipEntry.DEFLATED);
    assertRefused(file(deflated), "\"net/data.pkl\" is compressed");
  }

  @Test
  void bigEndian() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("net/data.pkl", pickle(Map.of("w", tensor())));
    entries.put("net/data/0", fourFloats());
    entries.put("net/byteorder", "big".getBytes());
    assertRefused(zipOf(entries), "byte order \"big\"");
  }

  @Test
  void entriesThatOverlap() throws IOException {
    byte[] zip = zip(pickle(Map.of("w", tensor())), new byte[5_000]);
    int directory = indexOf(zip, "PK\1\2", 0);
    int first = indexOf(zip, "PK\1\2", directory + 1);
    int last = indexOf(zip, "PK\1\2", first + 1);
    // The second entry, "net/byteorder", gets the size of the storage.
    for (int field : new int[] {20, 24}) {
      System.arraycopy(zip, last + field, zip, first + field, Integer.BYTES);
    }
    assertRefused(file(zip));
  }

  @Test
  void aChecksumThatIsWrong() throws IOException {
    byte[] zip = zip(pickle(Map.of("w", tensor())), fourFloats());
    zip[indexOf(zip, "net/data/0", 0) + "net/data/0".length()]++;
    assertRefused(file(zip), "\"net/data/0\" is damaged", "\"w\"");
  }

  @Test
  void twoEntriesOfOneName() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("net/data.pkl", pickle(Map.of("w", tensor())));
    entries.put("net/data/0", fourFloats());
    entries.put("net/data/1", fourFloats());
    String zip = latin1(zip(entries, ZipEntry.STORED)).replace("net/data/1", "net/data/0");
    assertRefused(file(zip.getBytes(StandardCharsets.ISO_8859_1)));
  }

  // The legacy format

  @Test
  void legacyBigEndian() throws IOException {
    assertRefused(file(legacy(false, Map.of(), List.of(), new byte[0])), "big-endian");
  }

  @Test
  void legacyStorages() throws IOException {
    assertRefused(file(legacyOf(new byte[15])), "\"weight\"", "holds 12 bytes", "should hold 16");
    assertRefused(file(legacyOf(new byte[0])), "\"weight\"", "holds 0 bytes");
    Raw value = new Raw(legacyStateDict());
    assertRefused(
        file(legacy(true, value, List.of("0"), header(1L << 60))), "1152921504606846976 elements");
    assertRefused(file(legacy(true, value, List.of("0"), header(-1))), "-1 elements");
    assertRefused(file(legacy(true, value, List.of("1"), header(4))), "no tensor uses");
    assertRefused(file(legacy(true, value, List.of(), header(4))), "\"0\" is missing");
    assertRefused(
        file(legacy(true, value, List.of(new Raw("]q\0h\0a")), header(4))), "no tensor uses");
  }

  private static byte[] legacyOf(byte[] numbers) {
    byte[] storage = Arrays.copyOf(header(4), 8 + numbers.length);
    System.arraycopy(numbers, 0, storage, 8, numbers.length);
    return legacy(true, new Raw(legacyStateDict()), List.of("0"), storage);
  }

  private static String legacyStateDict() {
    String today = latin1(pickle(Map.of("weight", tensor())));
    return today.substring(2, today.length() - 1).replace("J\4\0\0\0tQ", "J\4\0\0\0NtQ");
  }

  private static byte[] header(long elements) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(elements).array();
  }

  private static Map<String, Raw> view(Object offset, List<?> shape, List<?> strides) {
    return Map.of("w", tensor(4, offset, shape.toArray(), strides.toArray()));
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static int indexOf(byte[] bytes, String text, int from) {
    return latin1(bytes).indexOf(text, from);
  }

  private Path saved(Object value) throws IOException {
    return file(zip(pickle(value), fourFloats()));
  }

  private Path zipOf(Map<String, byte[]> entries) throws IOException {
    return file(zip(entries, ZipEntry.STORED));
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("crafted.pth"), bytes);
  }
}
