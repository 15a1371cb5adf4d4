package org.kerneldna.train.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.kerneldna.train.io.InputException;

/**
 * The samples of tar files, read one after the other. A file's key is its path to the first dot of
 * its name, its kind what follows; files of one key that follow each other are a sample. A sample
 * without image or label is given as a file that cannot be read; so is, in one, what cannot be read
 * of a damaged tar file.
 */
final class ShardStream implements ImageStream {

  /** Bytes of zeros with which a tar file ends at least. */
  private static final int END = 1024;

  /** Bytes of an image at most. */
  private static final int LARGEST = 1 << 29;

  /** Bytes of a label at most. */
  private static final int LONGEST_LABEL = 1024;

  private static final int NO_LABEL = -1;

  private final Iterator<Path> shards;
  private final ClassNames classes;
  private final boolean withBytes;
  private final LeftOut leftOut = new LeftOut();

  private Path shard;
  private TarArchiveInputStream tar;
  private TarArchiveEntry entry;
  private Sample next;

  /** Keys of the tar file whose image or label has not been there. */
  private final Set<String> incomplete = new HashSet<>();

  /**
   * What the files of a key give.
   *
   * @param file the image, or null if it is not wanted
   * @param fault why it cannot be used, or null
   */
  private record Sample(String name, int label, byte[] file, String fault) implements ImageFile {

    @Override
    public byte[] read() throws BadImageException {
      if (fault != null) {
        throw new BadImageException(fault);
      }
      return file;
    }
  }

  /**
   * @param shards tar files, in the order to read them
   * @param classes which labels may name
   * @param withBytes whether to read the images, or only what there is
   */
  ShardStream(List<Path> shards, ClassNames classes, boolean withBytes) {
    this.shards = shards.iterator();
    this.classes = classes;
    this.withBytes = withBytes;
  }

  /** The files so far that belong to no sample, since their names lack a key or a kind. */
  LeftOut leftOut() {
    return leftOut;
  }

  /**
   * @throws InputException if the files of a sample do not follow each other
   */
  @Override
  public boolean hasNext() {
    while (next == null && (tar != null || shards.hasNext())) {
      try {
        if (tar == null) {
          open(shards.next());
        } else if (entry == null) {
          close();
        } else {
          next = readSample();
        }
      } catch (InputException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        // Of hostile files, the library's readers fail with unchecked exceptions, too.
        next = damaged(e);
        close();
      }
    }
    return next != null;
  }

  private Sample damaged(Exception e) {
    return new Sample(
        shard.toString(),
        NO_LABEL,
        null,
        "the rest of it is no tar file, or damaged: " + e.getMessage());
  }

  private void open(Path file) throws IOException {
    shard = file;
    incomplete.clear();
    tar =
        new TarArchiveInputStream(
            new BufferedInputStream(Files.newInputStream(file), 1 << 16), "UTF-8");
    nextEntry();
  }

  /**
   * A tar file ends with zeros; one that is cut off where nothing is read, or between two entries,
   * shows it by nothing else.
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

  /** The next file or link that may belong to a sample. */
  private void nextEntry() throws IOException {
    do {
      entry = tar.getNextTarEntry();
    } while (entry != null && (entry.isDirectory() || isOutside(entry.getName())));
    if (entry == null) {
      requireEnd();
    }
  }

  private boolean isOutside(String path) {
    if (path.indexOf('.', path.lastIndexOf('/') + 1) > path.lastIndexOf('/') + 1) {
      return false;
    }
    leftOut.add(shard + "/" + path);
    return true;
  }

  /** All entries of a key that follow each other. */
  private Sample readSample() throws IOException {
    String key = key(entry.getName());
    Part image = new Part(ImageDecoder.EXTENSIONS, withBytes ? LARGEST : 0);
    Part label = new Part(Set.of("cls"), LONGEST_LABEL);
    for (; entry != null && key(entry.getName()).equals(key); nextEntry()) {
      String kind = entry.getName().substring(key.length() + 1).toLowerCase(Locale.ROOT);
      image.offer(kind);
      label.offer(kind);
    }
    if ((image.name == null || label.name == null) && !incomplete.add(key)) {
      throw new InputException(
          "%s: the files of %s do not follow each other: pack them sorted by name, as tar --sort=name does"
              .formatted(shard, key));
    }
    return sample(key, image, label);
  }

  private Sample sample(String key, Part image, Part label) {
    int number = label.fault == null ? label(label.bytes) : NO_LABEL;
    String fault = image.fault;
    if (fault == null) {
      fault = label.fault;
    }
    if (fault == null && number == NO_LABEL) {
      fault = "no label: its .cls file holds no number and no class of " + ImageShards.CLASSES;
    }
    String name = image.name == null ? key : image.name;
    return new Sample(shard + "/" + name, number, image.bytes, fault);
  }

  private int label(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8).strip();
    return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : classes.indexOf(text);
  }

  /** The image or the label of a sample, which are told by what their kinds end with. */
  private final class Part {

    private final Set<String> extensions;
    private final int longest;

    private boolean plain;
    private String name;
    private byte[] bytes;

    /** Why it cannot be used, or null. */
    private String fault;

    Part(Set<String> extensions, int longest) {
      this.extensions = extensions;
      this.longest = longest;
      fault = "no ." + String.join(", .", new TreeSet<>(extensions)) + " file is beside it";
    }

    /** Takes the current entry if it is one: a kind without dots goes before one with dots. */
    void offer(String kind) throws IOException {
      boolean plainer = kind.indexOf('.') < 0;
      if (!extensions.contains(Folders.extension(kind)) || name != null && plain && !plainer) {
        return;
      }
      if (name != null && plain == plainer) {
        fault = "both %s and %s are there".formatted(name, entry.getName());
        return;
      }
      plain = plainer;
      name = entry.getName();
      bytes = tar.readNBytes(longest);
      fault = fault();
    }

    private String fault() {
      if (entry.isLink() || entry.isSymbolicLink()) {
        return "a link, which is not followed";
      }
      return bytes.length == LARGEST ? "too large for an image" : null;
    }
  }

  /** The path to the first dot of the file's name, or all of it. */
  private static String key(String path) {
    int dot = path.indexOf('.', path.lastIndexOf('/') + 1);
    return dot < 0 ? path : path.substring(0, dot);
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
      }
    } catch (IOException e) {
      throw new InputException(shard + " cannot be closed: " + e, e);
    } finally {
      tar = null;
    }
  }
}
