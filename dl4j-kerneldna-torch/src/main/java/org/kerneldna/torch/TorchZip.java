package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * torch.save's format since PyTorch 1.6: a zip file, nothing compressed, of one folder with the
 * pickle {@code data.pkl} and a file {@code data/KEY} for each storage.
 */
final class TorchZip implements Storages {

  private static final String PICKLE = "/data.pkl";

  private final ZipFile zip;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> storages = new HashMap<>();
  private final String folder;

  private TorchZip(ZipFile zip, long fileBytes) {
    this.zip = zip;
    long left = fileBytes;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      requireStored(entry);
      left -= entry.getSize();
      if (left < 0) {
        throw new CheckpointException("its entries claim more bytes than there are; not opened");
      }
      if (entries.put(entry.getName(), entry) != null) {
        throw new CheckpointException("two entries are called " + quote(entry.getName()));
      }
    }
    folder = folder();
  }

  /** What was saved, as {@link PlainValues}. */
  static Object read(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      long fileBytes = Files.size(file);
      TorchZip torch = new TorchZip(zip, fileBytes);
      torch.requireLittleEndian();
      byte[] pickle = torch.bytes(torch.entries.get(torch.folder + PICKLE));
      Object value = new TorchUnpickler().next(new ByteArrayInputStream(pickle));
      return new PlainValues(torch, fileBytes, pickle.length).of(value);
    } catch (ZipException e) {
      throw new CheckpointException(
          "truncated or damaged: " + quote(e.getMessage()) + "; get the file again", e);
    }
  }

  @Override
  public Optional<ByteBuffer> find(String key) throws IOException {
    ZipEntry entry = entries.get(folder + "/data/" + key);
    if (entry != null && !storages.containsKey(key)) {
      storages.put(key, ByteBuffer.wrap(bytes(entry)));
    }
    return Optional.ofNullable(storages.get(key));
  }

  private static void requireStored(ZipEntry entry) {
    if (entry.getMethod() != ZipEntry.STORED || entry.getCompressedSize() != entry.getSize()) {
      throw new CheckpointException(
          "entry " + quote(entry.getName()) + " is compressed, which torch.save never does");
    }
  }

  private String folder() {
    List<String> pickles =
        entries.keySet().stream().filter(name -> name.matches("[^/]+/data\\.pkl")).toList();
    if (pickles.size() != 1) {
      throw new CheckpointException(
          "a zip file, but not one of torch.save: it has "
              + pickles.size()
              + " entries FOLDER/data.pkl");
    }
    return pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
  }

  private void requireLittleEndian() throws IOException {
    ZipEntry marker = entries.get(folder + "/byteorder");
    if (marker == null) {
      return;
    }
    String order = new String(bytes(marker), StandardCharsets.US_ASCII);
    if (!order.equals("little")) {
      throw new CheckpointException(
          "byte order " + quote(order) + "; save it on a little-endian machine");
    }
  }

  private byte[] bytes(ZipEntry entry) throws IOException {
    if (entry.getSize() > Integer.MAX_VALUE - Long.BYTES) {
      throw new CheckpointException(
          "entry " + quote(entry.getName()) + " is beyond the limit of 2 GB");
    }
    byte[] bytes = new byte[(int) entry.getSize()];
    CRC32 crc = new CRC32();
    try (InputStream in = zip.getInputStream(entry)) {
      crc.update(bytes, 0, in.readNBytes(bytes, 0, bytes.length));
    }
    if (crc.getValue() != entry.getCrc()) {
      throw new CheckpointException(
          "entry " + quote(entry.getName()) + " is damaged (checksum); get the file again");
    }
    return bytes;
  }
}
