package org.kerneldna.train.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.kerneldna.train.io.InputException;

/** The images of tar files, read one after the other. */
final class ShardStream implements ImageStream {

  /** Extensions of images. */
  static final Set<String> IMAGES = Set.of("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff");

  /** Bytes of zeros with which a tar file ends at least. */
  private static final int END = 1024;

  private static final int NO_LABEL = -1;

  private final Iterator<Path> shards;
  private final boolean withBytes;

  private Path shard;
  private TarArchiveInputStream tar;
  private TarArchiveEntry entry;
  private Sample next;

  /**
   * An image of a tar file.
   *
   * @param file its bytes, or null if they are not wanted
   */
  private record Sample(String name, int label, byte[] file) implements ImageFile {

    @Override
    public byte[] read() throws BadImageException {
      if (label == NO_LABEL) {
        throw new BadImageException("no label: its .cls file is missing or holds no number");
      }
      return file;
    }
  }

  /**
   * @param shards tar files, in the order to read them
   * @param withBytes whether to read the images, or only what there is
   */
  ShardStream(List<Path> shards, boolean withBytes) {
    this.shards = shards.iterator();
    this.withBytes = withBytes;
  }

  /**
   * @throws InputException if a tar file is damaged or cannot be read
   */
  @Override
  public boolean hasNext() {
    try {
      while (next == null && (tar != null || shards.hasNext())) {
        if (tar == null) {
          open(shards.next());
        } else if (entry == null) {
          close();
        } else {
          next = readSample();
        }
      }
      return next != null;
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(shard + " is no tar file, or a damaged one: " + e.getMessage(), e);
    }
  }

  private void open(Path file) throws IOException {
    shard = file;
    requireEnd();
    tar = new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
    nextEntry();
  }

  /**
   * A tar file ends with zeros; one that is cut off between two entries shows it by nothing else.
   */
  private void requireEnd() throws IOException {
    try (FileChannel channel = FileChannel.open(shard)) {
      ByteBuffer end = ByteBuffer.allocate(END);
      channel.read(end, Math.max(0, channel.size() - END));
      if (end.hasRemaining() || !Arrays.equals(end.array(), new byte[END])) {
        throw new IOException("it is truncated");
      }
    }
  }

  private void nextEntry() throws IOException {
    do {
      entry = tar.getNextTarEntry();
    } while (entry != null && !entry.isFile());
  }

  /** All entries of a key; nothing if there is no image among them. */
  private Sample readSample() throws IOException {
    String key = key(entry.getName());
    String name = null;
    byte[] file = null;
    int label = NO_LABEL;
    for (; entry != null && key(entry.getName()).equals(key); nextEntry()) {
      String kind = kind(entry.getName(), key);
      if (kind.equals("cls")) {
        label = label(tar.readAllBytes());
      } else if (IMAGES.contains(kind)) {
        name = shard + "/" + entry.getName();
        file = withBytes ? readEntry() : null;
      }
    }
    return name == null ? null : new Sample(name, label, file);
  }

  private byte[] readEntry() throws IOException {
    byte[] file = tar.readNBytes(Math.toIntExact(entry.getSize()));
    if (file.length < entry.getSize()) {
      throw new IOException("it is truncated");
    }
    return file;
  }

  private static int label(byte[] text) {
    String number = new String(text, StandardCharsets.US_ASCII).strip();
    return number.matches("[0-9]{1,6}") ? Integer.parseInt(number) : NO_LABEL;
  }

  /** The path to the first dot of the file's name, or all of it. */
  private static String key(String path) {
    int dot = path.indexOf('.', path.lastIndexOf('/') + 1);
    return dot < 0 ? path : path.substring(0, dot);
  }

  /** What follows the key and its dot, in lower case. */
  private static String kind(String path, String key) {
    return path.substring(Math.min(key.length() + 1, path.length())).toLowerCase(Locale.ROOT);
  }

  @Override
  public ImageFile next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all images have been read");
    }
    ImageFile image = next;
    next = null;
    return image;
  }

  @Override
  public void close() {
    try {
      if (tar != null) {
        tar.close();
        tar = null;
      }
    } catch (IOException e) {
      throw new InputException(shard + " cannot be closed: " + e, e);
    }
  }
}
