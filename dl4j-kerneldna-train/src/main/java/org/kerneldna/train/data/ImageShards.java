package org.kerneldna.train.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.kerneldna.train.io.InputException;

/**
 * A folder of tar files, each with some thousand images, in WebDataset's layout: files of the same
 * key follow each other, {@code key.jpg} (or another kind of image) and {@code key.cls}, which
 * holds the label as a decimal number. They are read from the beginning to the end, which is fast
 * where single files are slow.
 *
 * <p>The names of the classes are the lines of {@code classes.txt} beside the tar files or in the
 * folder above, where there is one; else they are the numbers 0, 1, 2, ... What the files hold is
 * remembered in an {@link IndexFile}.
 *
 * @see <a href="https://github.com/webdataset/webdataset">WebDataset</a>
 */
public final class ImageShards implements ImageSource {

  /** Name of the file that names the classes. */
  static final String CLASSES = "classes.txt";

  /** Images among which the next one is drawn. */
  private static final int SHUFFLED_TOGETHER = 2_000;

  private final Path root;
  private final List<Path> shards;
  private final List<String> classes;
  private final int size;

  /** How many images there are, and how many labels they need. */
  private record Count(int images, int labels) {}

  private ImageShards(Path root, List<Path> shards, List<String> classes, int size) {
    this.root = root;
    this.shards = shards;
    this.classes = classes;
    this.size = size;
  }

  /** Whether a folder holds tar files. */
  static boolean isIn(Path folder) {
    return !list(folder).isEmpty();
  }

  private static List<Path> list(Path folder) {
    return Files.isDirectory(folder)
        ? Folders.list(folder, file -> file.toString().endsWith(".tar"))
        : List.of();
  }

  /**
   * Lists a folder.
   *
   * @throws InputException if it has no tar files, one cannot be read, or they hold no images
   */
  public static ImageShards open(Path root) {
    List<Path> shards = list(root);
    if (shards.isEmpty()) {
      throw new InputException(root + " has no tar files: expected " + root + "/*.tar");
    }
    Count count = new Index(root, shards).get();
    if (count.images() == 0) {
      throw new InputException(
          root
              + " has tar files without any images: expected files <key>.jpg and <key>.cls in them");
    }
    return new ImageShards(root, shards, classes(root, count.labels()), count.images());
  }

  private static List<String> classes(Path root, int labels) {
    for (Path file : List.of(root.resolve(CLASSES), root.resolveSibling(CLASSES))) {
      if (Files.isRegularFile(file)) {
        return read(file, labels);
      }
    }
    return IntStream.range(0, labels).mapToObj(Integer::toString).toList();
  }

  private static List<String> read(Path file, int labels) {
    try {
      List<String> classes = Files.readAllLines(file);
      if (classes.size() < labels) {
        throw new InputException(
            "%s names %d classes, but there are labels up to %d: add the missing lines"
                .formatted(file, classes.size(), labels - 1));
      }
      return List.copyOf(classes);
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
  }

  /** Counts what the files hold. */
  private static final class Index extends IndexFile<Count> {

    private final List<Path> shards;

    Index(Path root, List<Path> shards) {
      super(root, shards);
      this.shards = shards;
    }

    @Override
    Count find() {
      int images = 0;
      int labels = 0;
      try (ShardStream stream = new ShardStream(shards, false)) {
        while (stream.hasNext()) {
          images++;
          labels = Math.max(labels, stream.next().label() + 1);
        }
      }
      return new Count(images, labels);
    }

    @Override
    void write(Count found, DataOutputStream out) throws IOException {
      out.writeInt(found.images());
      out.writeInt(found.labels());
    }

    @Override
    Count read(DataInputStream in) throws IOException {
      return new Count(in.readInt(), in.readInt());
    }
  }

  @Override
  public String name() {
    return root.toString();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public ImageStream inOrder() {
    return new ShardStream(shards, true);
  }

  /** The tar files in random order, and each image drawn from among the next ones. */
  @Override
  public ImageStream shuffled(long seed) {
    Random random = new Random(seed);
    List<Path> order = new ArrayList<>(shards);
    Collections.shuffle(order, random);
    return new ShuffleBuffer(new ShardStream(order, true), SHUFFLED_TOGETHER, random);
  }
}
