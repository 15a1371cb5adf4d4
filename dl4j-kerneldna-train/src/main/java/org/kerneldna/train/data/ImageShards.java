package org.kerneldna.train.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.TextLines;

/**
 * A folder of tar files, each with some thousand images, in WebDataset's layout: the files of a
 * sample follow each other, {@code key.jpg} (or another kind of image) and {@code key.cls}, which
 * holds the label as a decimal number or as the name of the class. They are read from the beginning
 * to the end, which is fast where single files are slow.
 *
 * <p>The names of the classes are the lines of {@code classes.txt} beside the tar files or in the
 * folder above, where there is one; else they are the numbers 0, 1, 2, ... What the files hold is
 * remembered in an {@link IndexFile}.
 *
 * @see <a href="https://github.com/webdataset/webdataset">WebDataset</a>
 */
@Slf4j
public final class ImageShards implements ImageSource {

  /** Name of the file that names the classes. */
  static final String CLASSES = "classes.txt";

  /** Images among which the next one is drawn. */
  private static final int SHUFFLED_TOGETHER = 2_000;

  private final Path root;
  private final List<Path> shards;
  private final ClassNames classes;
  private final int size;

  /**
   * What the tar files hold.
   *
   * @param samples how many
   * @param labels how many their numbers need; names need those of {@value #CLASSES}
   * @param leftOut files that belong to no sample
   */
  private record Count(int samples, int labels, LeftOut leftOut) {}

  private ImageShards(Path root, List<Path> shards, ClassNames classes, int size) {
    this.root = root;
    this.shards = shards;
    this.classes = classes;
    this.size = size;
  }

  /** Whether a folder holds tar files. */
  static boolean isIn(Path folder) {
    return !list(folder).isEmpty();
  }

  /** Whether a folder holds tar files, and no class folders with images. */
  static boolean isAllOf(Path folder) {
    return isIn(folder)
        && Folders.list(folder).stream()
            .filter(entry -> Files.isDirectory(entry) && !Folders.isOfSystem(entry))
            .allMatch(inner -> ImageWalk.images(inner, ignored -> {}, new LeftOut()).isEmpty());
  }

  private static List<Path> list(Path folder) {
    return Files.isDirectory(folder)
        ? Folders.list(folder).stream().filter(ImageShards::isShard).toList()
        : List.of();
  }

  private static boolean isShard(Path file) {
    return !Folders.isOfSystem(file)
        && Folders.extension(file.getFileName().toString()).equals("tar");
  }

  /**
   * Lists a folder.
   *
   * @throws InputException if it has no tar files, they hold no images, or the files of their
   *     samples do not follow each other
   */
  public static ImageShards open(Path root) {
    List<Path> shards = list(root);
    if (shards.isEmpty()) {
      throw new InputException(root + " has no tar files: expected " + root + "/*.tar");
    }
    Optional<ClassNames> named = classes(root);
    Count count = new Index(root, shards).get();
    if (count.samples() == 0) {
      throw new InputException(
          root
              + " has tar files without any images: expected files <key>.jpg and <key>.cls in them");
    }
    if (!count.leftOut().isEmpty()) {
      log.warn("{}: left out {}, of no sample by name", root, count.leftOut());
    }
    ClassNames classes = named.orElseGet(() -> ClassNames.numbered(count.labels()));
    if (classes.size() < count.labels()) {
      throw new InputException(
          "%s of %s names %d classes, but there are labels up to %d: add the missing lines"
              .formatted(CLASSES, root, classes.size(), count.labels() - 1));
    }
    return new ImageShards(root, shards, classes, count.samples());
  }

  private static Optional<ClassNames> classes(Path root) {
    return Stream.of(root.resolve(CLASSES), root.resolveSibling(CLASSES))
        .filter(Files::isRegularFile)
        .findFirst()
        .map(ImageShards::read);
  }

  private static ClassNames read(Path file) {
    List<String> lines = new ArrayList<>();
    TextLines.read(
        file,
        (number, line) -> {
          if (line.isBlank()) {
            throw new InputException(
                "line %d of %s is empty: name a class, or remove it".formatted(number, file));
          }
          lines.add(line);
        });
    try {
      return ClassNames.of(lines);
    } catch (InputException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
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
      shards.forEach(this::watch);
      int samples = 0;
      int labels = 0;
      // Without names, so that what is remembered does not depend on a file that is not watched.
      try (ShardStream stream = new ShardStream(shards, ClassNames.NONE, false)) {
        while (stream.hasNext()) {
          samples++;
          labels = Math.max(labels, stream.next().label() + 1);
        }
        return new Count(samples, labels, stream.leftOut());
      }
    }

    @Override
    void write(Count found, DataOutputStream out) throws IOException {
      out.writeInt(found.samples());
      out.writeInt(found.labels());
      found.leftOut().write(out);
    }

    @Override
    Count read(DataInputStream in) throws IOException {
      return new Count(in.readInt(), in.readInt(), LeftOut.read(in));
    }
  }

  @Override
  public String name() {
    return root.toString();
  }

  @Override
  public ClassNames classes() {
    return classes;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public ImageStream inOrder() {
    return new ShardStream(shards, classes, true);
  }

  /** The tar files in random order, and each image drawn from among the next ones. */
  @Override
  public ImageStream shuffled(long seed) {
    Random random = new Random(seed);
    List<Path> order = new ArrayList<>(shards);
    Collections.shuffle(order, random);
    return new ShuffleBuffer(new ShardStream(order, classes, true), SHUFFLED_TOGETHER, random);
  }
}
