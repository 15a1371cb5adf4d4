package org.kerneldna.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes files as torch.save does, and as it never would. */
final class Pickles {

  private Pickles() {}

  /** Opcodes, each character one byte. */
  record Raw(String opcodes) {}

  /** The pickle of maps, lists, arrays as tuples, texts, numbers and {@link Raw} opcodes. */
  static byte[] pickle(Object value) {
    return ("\u0080\2" + opcodes(value) + ".").getBytes(StandardCharsets.ISO_8859_1);
  }

  static Raw global(String module, String name) {
    return new Raw("c" + module + "\n" + name + "\n");
  }

  static Raw call(String module, String name, Object... arguments) {
    return new Raw(global(module, name).opcodes + opcodes(arguments) + "R");
  }

  /** A tensor of four float32 in storage "0". */
  static Raw tensor() {
    return tensor(4, 0, new Object[] {2, 2}, new Object[] {2, 1});
  }

  static Raw tensor(Object elements, Object offset, Object[] shape, Object[] strides) {
    return tensor(storage("0", elements), offset, shape, strides);
  }

  static Raw tensor(Raw storage, Object offset, Object[] shape, Object[] strides) {
    Raw hooks = call("collections", "OrderedDict");
    return call(
        "torch._utils", "_rebuild_tensor_v2", storage, offset, shape, strides, false, hooks);
  }

  static Raw storage(String key, Object elements) {
    Object[] id = {"storage", global("torch", "FloatStorage"), key, "cuda:0", elements};
    return new Raw(opcodes(id) + "Q");
  }

  /** The four numbers of {@link #tensor()}. */
  static byte[] fourFloats() {
    ByteBuffer bytes = littleEndian(16);
    bytes.asFloatBuffer().put(new float[] {1, 2, 3, 4});
    return bytes.array();
  }

  /** Today's format. */
  static byte[] zip(byte[] pickle, byte[] storage) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("net/data.pkl", pickle);
    entries.put("net/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    entries.put("net/data/0", storage);
    return zip(entries, ZipEntry.STORED);
  }

  static byte[] zip(Map<String, byte[]> entries, int method) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(method);
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        CRC32 crc = new CRC32();
        crc.update(e.getValue());
        ZipEntry entry = new ZipEntry(e.getKey());
        entry.setSize(e.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(e.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The legacy format; in it the id of a storage ends with None. */
  static byte[] legacy(boolean littleEndian, Object value, List<?> keys, byte[] storages) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(pickle(new Raw("\u008a\12l\u00fc\u009cF\u00f9 j\u00a8P\31")));
    file.writeBytes(pickle(new Raw("M\u00e9\3")));
    file.writeBytes(pickle(Map.of("little_endian", littleEndian)));
    file.writeBytes(pickle(value));
    file.writeBytes(pickle(keys));
    file.writeBytes(storages);
    return file.toByteArray();
  }

  private static String opcodes(Object value) {
    if (value == null) {
      return "N";
    }
    if (value instanceof Raw raw) {
      return raw.opcodes;
    }
    if (value instanceof Boolean truth) {
      return truth ? "\u0088" : "\u0089";
    }
    if (value instanceof Integer number) {
      return "J" + text(littleEndian(4).putInt(number));
    }
    if (value instanceof Long number) {
      return "\u008a\10" + text(littleEndian(8).putLong(number));
    }
    if (value instanceof Double number) {
      return "G" + text(ByteBuffer.allocate(8).putDouble(number));
    }
    if (value instanceof String text) {
      ByteBuffer utf8 = StandardCharsets.UTF_8.encode(text);
      return "X" + text(littleEndian(4).putInt(utf8.limit())) + text(utf8.position(utf8.limit()));
    }
    StringBuilder all = new StringBuilder();
    if (value instanceof Map<?, ?> map) {
      map.forEach((k, v) -> all.append(opcodes(k)).append(opcodes(v)));
      return "}(" + all + "u";
    }
    if (value instanceof List<?> list) {
      list.forEach(v -> all.append(opcodes(v)));
      return "](" + all + "e";
    }
    for (Object v : (Object[]) value) {
      all.append(opcodes(v));
    }
    return "(" + all + "t";
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String text(ByteBuffer written) {
    return StandardCharsets.ISO_8859_1.decode(written.flip()).toString();
  }
}
