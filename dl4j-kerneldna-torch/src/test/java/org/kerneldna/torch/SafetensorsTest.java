package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.torch.CheckpointFiles.SMALL;
import static org.kerneldna.torch.HostileFileTest.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

  private static final Map<String, Tensor> KINDS =
      TorchCheckpoint.read(SMALL.resolve("tensor-kinds.pth")).stateDict();

  @TempDir Path folder;

  @Test
  void whatWasWrittenIsReadBitForBit() throws IOException {
    Path file = folder.resolve("kinds.safetensors");
    Safetensors.write(file, KINDS, Map.of("format", "pt", "text", "\"\n\u00e9"));

    Safetensors read = Safetensors.read(file);

    assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "text", "\"\n\u00e9"));
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(KINDS.keySet());
    KINDS.forEach(
        (name, tensor) -> {
          assertThat(read.tensors().get(name)).as(name).hasToString(tensor.toString());
          assertThat(read.tensors().get(name).data()).as(name).isEqualTo(tensor.data());
        });
    assertThat(folder).isDirectoryContaining(file::equals).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void isReadAsACheckpointWhateverItIsCalled() throws IOException {
    Path file = folder.resolve("net.pth");
    Safetensors.write(file, Map.of("module.w", Tensor.of(new long[] {2, 1}, 1, 2)), Map.of());
    Map<String, long[]> network = Map.of("w", new long[] {2, 1});
    Tensor tensor = TorchCheckpoint.read(file).network(network).tensors().get("w");
    assertThat(tensor.shape()).containsExactly(2, 1);
    assertThat(tensor.toFloats()).containsExactly(1, 2);
  }

  /** What the format's other readers ask for. */
  @Test
  void isLaidOutAsTheFormatSays() throws IOException {
    Path file = folder.resolve("kinds.safetensors");
    Safetensors.write(file, KINDS, Map.of());
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);

    int header = (int) bytes.getLong();
    assertThat(header % 8).isZero();
    String json = new String(bytes.array(), 8, header, StandardCharsets.UTF_8);
    assertThat(json).startsWith("{").matches("(?s).*} *");

    Map<Long, Long> spans = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : new ObjectMapper().readTree(json).properties()) {
      long[] span = CheckpointFiles.longs(entry.getValue().get("data_offsets"));
      int size = KINDS.get(entry.getKey()).dtype().bytes();
      assertThat(span[0] % size).as("alignment of " + entry.getKey()).isZero();
      spans.merge(span[0], span[1], Math::max);
    }
    long end = 0;
    for (Map.Entry<Long, Long> span : spans.entrySet()) {
      assertThat(span.getKey()).isEqualTo(end);
      end = span.getValue();
    }
    assertThat(8 + header + end).isEqualTo(bytes.limit());
  }

  @Test
  void replacesAFileOnlyWhenItIsComplete() throws IOException {
    Path file = folder.resolve("net.safetensors");
    Safetensors.write(file, Map.of("old", Tensor.of(new long[] {1}, 1)), Map.of());
    Map<String, Tensor> broken = new LinkedHashMap<>();
    broken.put("new", null);
    assertThatThrownBy(() -> Safetensors.write(file, broken, Map.of()))
        .isInstanceOf(NullPointerException.class);
    assertThat(Safetensors.read(file).tensors()).containsOnlyKeys("old");
    Safetensors.write(file, Map.of("new", Tensor.of(new long[] {1}, 1)), Map.of());
    assertThat(Safetensors.read(file).tensors()).containsOnlyKeys("new");
    assertThat(folder.toFile().list()).containsExactly("net.safetensors");
  }

  @Test
  void refusesToWriteWhatNobodyCanRead() {
    Tensor tensor = Tensor.of(new long[] {1}, 1);
    assertThatThrownBy(
            () -> Safetensors.write(folder.resolve("x"), Map.of("__metadata__", tensor), Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tensor.of(new long[] {2, 2}, 1, 2, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Single quotes stand for double ones; eight bytes of data follow the header. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
      {'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}                            | header is damaged
      {'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} {}                        | header is damaged
      {'w':1,'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}                     | Duplicate field
      {'w':{'dtype':'F32','shape':[2],'shape':[2],'data_offsets':[0,8]}}               | Duplicate field
      {'w':{'dtype':'U64','shape':[1],'data_offsets':[0,8]}}                           | "w": unknown dtype "U64"
      {'w':{'shape':[2],'data_offsets':[0,8]}}                                         | unknown dtype ""
      {'w':7}                                                                          | unknown dtype ""
      {'w':{'dtype':'F32','data_offsets':[0,8]}}                                       | are missing
      {'w':{'dtype':'F32','shape':[2]}}                                                | are missing
      {'w':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}                             | are missing
      {'w':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}}                         | no whole numbers
      {'w':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}}        | no whole numbers
      {'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}                          | impossible shape [-2]
      {'w':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8]}}       | impossible shape
      {'w':{'dtype':'F32','shape':[1152921504606846976],'data_offsets':[0,8]}}         | not 1152921504606846976 numbers
      {'w':{'dtype':'F32','shape':[2305843009213693952],'data_offsets':[0,8]}}         | not 2305843009213693952 numbers
      {'w':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}                           | not 3 numbers of 4 bytes
      {'w':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}                           | bytes 8 to 0
      {'w':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}}                          | bytes -8 to 0
      {'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8,16]}}                        | not two
      {'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}                           | take 4 bytes, and there are 8
      {'w':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}                          | take 12 bytes, and there are 8
      {'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}                           | begins at byte 4 and not 0
      {'v':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | "w" begins at byte 4 and not 8
      {'w':{'dtype':'F64','shape':[268435456],'data_offsets':[0,2147483648]}}          | limit of 2 GB
      {'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'__metadata__':{'n':1}}    | metadata "n" is no text
      {}                                                                               | take 0 bytes, and there are 8
      """)
  void badHeaders(String header, String saying) throws IOException {
    byte[] json = header.strip().replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    assertRefused(file(json.length, json), "bad.safetensors", saying);
  }

  @Test
  void aGoodHeader() throws IOException {
    byte[] json = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}   ".getBytes();
    assertThat(TorchCheckpoint.read(file(json.length, json)).stateDict()).containsOnlyKeys("w");
  }

  @Test
  void headersOfImpossibleLength() throws IOException {
    byte[] json = "{\"w\":{}}".getBytes();
    for (long length : new long[] {0, 1, 17, 100_000_000, 1L << 40, Long.MAX_VALUE, -1}) {
      assertRefused(file(length, json), Long.toUnsignedString(length) + " bytes in a file of 24");
    }
  }

  @Test
  void headersThatAreNotUtf8() throws IOException {
    byte[] json = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
    assertRefused(file(json.length, json), "not UTF-8");
  }

  private Path file(long headerLength, byte[] header) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(headerLength).put(header);
    return Files.write(folder.resolve("bad.safetensors"), bytes.array());
  }
}
