package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file says of its tensors, all of it checked against the file's size.
 *
 * @param length of the header and the eight bytes before it
 */
record SafetensorsHeader(long length, List<Entry> entries, Map<String, String> metadata) {

  static final String METADATA = "__metadata__";

  /** Enough for 25,000 tensors; the format itself allows 100 MB. */
  private static final int LONGEST = 1 << 22;

  private static final int ALIGNMENT = 8;

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** A tensor, and where its bytes begin and end, counted from the header's end. */
  record Entry(String name, DType dtype, long[] shape, long begin, long end) {}

  static SafetensorsHeader read(FileChannel in) throws IOException {
    long rest = in.size() - Long.BYTES;
    long length = rest < 0 ? 0 : Safetensors.read(in, 0, Long.BYTES).getLong();
    if (length < 2 || length > LONGEST || length > rest) {
      throw new CheckpointException(
          String.format(
              "truncated, or no safetensors file: a header of %s bytes in a file of %d",
              Long.toUnsignedString(length), in.size()));
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field :
        parse(Safetensors.read(in, Long.BYTES, length)).properties()) {
      if (field.getKey().equals(METADATA)) {
        metadata.putAll(texts(field.getValue()));
      } else {
        entries.add(entry(field.getKey(), field.getValue()));
      }
    }
    requireNoGaps(entries, rest - length);
    return new SafetensorsHeader(
        Long.BYTES + length, List.copyOf(entries), Collections.unmodifiableMap(metadata));
  }

  /** A header, with the eight bytes before it, for tensors whose bytes are in that order. */
  static ByteBuffer bytes(
      Map<String, Tensor> tensors, List<String> order, Map<String, String> metadata)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      metadata.forEach(header.putObject(METADATA)::put);
    }
    tensors.forEach((name, tensor) -> describe(tensor, header.putObject(name)));
    long begin = 0;
    for (String name : order) {
      Tensor tensor = tensors.get(name);
      long end = begin + (long) tensor.length() * tensor.dtype().bytes();
      ((ObjectNode) header.get(name)).putArray("data_offsets").add(begin).add(end);
      begin = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int padding = Math.floorMod(-json.length, ALIGNMENT);
    return ByteBuffer.allocate(Long.BYTES + json.length + padding)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length + padding)
        .put(json)
        .put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII))
        .flip();
  }

  private static void describe(Tensor tensor, ObjectNode entry) {
    entry.put("dtype", tensor.dtype().safetensors());
    ArrayNode shape = entry.putArray("shape");
    for (long size : tensor.shape()) {
      shape.add(size);
    }
  }

  private static JsonNode parse(ByteBuffer header) {
    try {
      JsonNode json = JSON.readTree(StandardCharsets.UTF_8.newDecoder().decode(header).toString());
      if (json.isObject()) {
        return json;
      }
      throw new CheckpointException("the header is no JSON object");
    } catch (CharacterCodingException e) {
      throw new CheckpointException("the header is not UTF-8; the file is damaged", e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException("the header is damaged: " + quote(e.getOriginalMessage()), e);
    }
  }

  private static Map<String, String> texts(JsonNode metadata) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : metadata.properties()) {
      if (!field.getValue().isTextual()) {
        throw new CheckpointException("metadata " + quote(field.getKey()) + " is no text");
      }
      texts.put(field.getKey(), field.getValue().textValue());
    }
    return texts;
  }

  private static Entry entry(String name, JsonNode json) {
    try {
      String type = json.path("dtype").asText();
      DType dtype =
          DType.ofSafetensors(type)
              .orElseThrow(() -> new CheckpointException("unknown dtype " + quote(type)));
      long[] shape = longs(json.path("shape"));
      long[] offsets = longs(json.path("data_offsets"));
      if (offsets.length != 2) {
        throw new CheckpointException("data_offsets are not two; the file is damaged");
      }
      Entry entry = new Entry(name, dtype, shape, offsets[0], offsets[1]);
      requireSize(entry);
      return entry;
    } catch (CheckpointException e) {
      throw e.in("tensor " + quote(name));
    }
  }

  private static long[] longs(JsonNode array) {
    long[] numbers = new long[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode number = array.path(i);
      if (!number.isIntegralNumber() || !number.canConvertToLong()) {
        throw new CheckpointException("shape or data_offsets are no whole numbers");
      }
      numbers[i] = number.longValue();
    }
    if (!array.isArray()) {
      throw new CheckpointException("shape or data_offsets are missing");
    }
    return numbers;
  }

  private static void requireSize(Entry entry) {
    long elements = Tensor.elements(entry.shape);
    long bytes = entry.end - entry.begin;
    int size = entry.dtype.bytes();
    if (entry.begin < 0 || bytes < 0 || bytes % size != 0 || bytes / size != elements) {
      throw new CheckpointException(
          String.format(
              "bytes %d to %d are not %d numbers of %d bytes; the file is damaged",
              entry.begin, entry.end, elements, size));
    }
    if (bytes > Integer.MAX_VALUE - Long.BYTES) {
      throw new CheckpointException("beyond the limit of 2 GB");
    }
  }

  /** Each tensor has to begin where the one before it ends, and the last one with the file. */
  private static void requireNoGaps(List<Entry> entries, long dataBytes) {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    for (Entry entry : sorted) {
      if (entry.begin != end) {
        throw new CheckpointException(
            String.format(
                "tensor %s begins at byte %d and not %d; the file is damaged",
                quote(entry.name), entry.begin, end));
      }
      end = entry.end;
    }
    if (end != dataBytes) {
      throw new CheckpointException(
          String.format(
              "its tensors take %d bytes, and there are %d; the file is incomplete, get it again",
              end, dataBytes));
    }
  }
}
