package org.kerneldna.torch;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a safetensors file: eight bytes with the length of a JSON header, the header,
 * which gives each tensor's type, shape and place, and the tensors' bytes without gaps. The format
 * is <a href="https://github.com/huggingface/safetensors#format">safetensors</a>'s.
 *
 * @param tensors by name, in the header's order; unmodifiable
 * @param metadata free texts; unmodifiable
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {

  /**
   * Reads a file.
   *
   * @throws CheckpointException if it is no safetensors file or is damaged
   */
  public static Safetensors read(Path file) {
    return CheckpointReader.guard(file, Safetensors::load);
  }

  /**
   * Writes a file. It appears complete or not at all; one of the same name is replaced.
   *
   * @param tensors whose order the header keeps; the bytes of those with larger numbers come first,
   *     so that all are aligned
   * @param metadata free texts, such as {@code format: pt}, which some programs ask for
   * @throws IllegalArgumentException if a tensor is called {@code __metadata__}
   * @throws IOException if it cannot be written; an older file stays
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    if (tensors.containsKey(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("A tensor cannot be called __metadata__");
    }
    List<String> names = new ArrayList<>(tensors.keySet());
    names.sort(Comparator.comparing(name -> -tensors.get(name).dtype().bytes()));
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (FileChannel out = FileChannel.open(unfinished, CREATE, TRUNCATE_EXISTING, WRITE)) {
        write(out, SafetensorsHeader.bytes(tensors, names, metadata));
        for (String name : names) {
          write(out, tensors.get(name).data());
        }
        out.force(true);
      }
      Files.move(unfinished, file, ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Whether the first nine bytes of a file are as in this format, and in no other. */
  static boolean startsLike(byte[] start) {
    return start.length > Long.BYTES && start[Long.BYTES] == '{';
  }

  static Safetensors load(Path file) throws IOException {
    try (FileChannel in = FileChannel.open(file)) {
      SafetensorsHeader header = SafetensorsHeader.read(in);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (SafetensorsHeader.Entry entry : header.entries()) {
        ByteBuffer data = read(in, header.length() + entry.begin(), entry.end() - entry.begin());
        tensors.put(entry.name(), new Tensor(entry.dtype(), entry.shape(), data));
      }
      return new Safetensors(Collections.unmodifiableMap(tensors), header.metadata());
    }
  }

  /** Bytes whose number has been checked against the file's size. */
  static ByteBuffer read(FileChannel in, long position, long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (in.read(bytes, position + bytes.position()) < 0) {
        throw new CheckpointException("it was cut short while it was read");
      }
    }
    return bytes.flip();
  }
}
