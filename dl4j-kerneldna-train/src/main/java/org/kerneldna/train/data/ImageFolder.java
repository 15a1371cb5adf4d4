package org.kerneldna.train.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.io.InputException;

/**
 * A folder with a folder of images for each class, at any depth in it. Images are told by the
 * {@link ImageDecoder#EXTENSIONS ends of their names}; what else is there is left out, as are
 * hidden entries and folders that systems make, and the log says so in a line. The list of files is
 * remembered in an {@link IndexFile}.
 */
@Slf4j
public final class ImageFolder implements IndexedImages {

  private final Path root;
  private final ClassNames classes;
  private final Listing listing;

  /**
   * All images, by class, inner folder and name.
   *
   * @param ends index behind the last image of each class
   * @param names of the images, as paths from the folder of the class
   * @param leftOut what there is beside them
   */
  private record Listing(int[] ends, Names names, LeftOut leftOut) {

    /** The first class that ends behind the file. */
    int label(int index) {
      int low = 0;
      int high = ends.length - 1;
      while (low < high) {
        int middle = (low + high) / 2;
        if (ends[middle] > index) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }
  }

  private ImageFolder(Path root, ClassNames classes, Listing listing) {
    this.root = root;
    this.classes = classes;
    this.listing = listing;
  }

  /**
   * Lists a folder.
   *
   * @throws InputException if the folder, its class folders or the images of a class are missing, a
   *     folder cannot be read, or links lead in a circle
   */
  public static ImageFolder open(Path root) {
    if (!Files.isDirectory(root)) {
      throw unusable(root, "is not a folder");
    }
    LeftOut leftOut = new LeftOut();
    List<Path> folders = new ArrayList<>();
    for (Path entry : Folders.list(root)) {
      if (!Folders.isOfSystem(entry) && Files.isDirectory(entry)) {
        folders.add(entry);
      } else if (!IndexFile.isIndex(entry)) {
        leftOut.add(entry);
      }
    }
    if (folders.isEmpty()) {
      throw unusable(root, "has no class folders");
    }
    Listing listing = new Index(root, folders).get();
    requireImages(listing, folders);
    leftOut.addAll(listing.leftOut());
    if (!leftOut.isEmpty()) {
      log.warn("{}: left out {}, hidden, of the system or no images by name", root, leftOut);
    }
    return new ImageFolder(root, ClassNames.of(Folders.names(folders)), listing);
  }

  /** As torchvision does, since a class that is never seen is a mistake. */
  private static void requireImages(Listing listing, List<Path> folders) {
    for (int label = 0; label < folders.size(); label++) {
      if (listing.ends()[label] == (label == 0 ? 0 : listing.ends()[label - 1])) {
        throw new InputException(
            "%s is a class without images, whose names end with .%s: add some, or remove the folder"
                .formatted(
                    folders.get(label),
                    String.join(", .", new TreeSet<>(ImageDecoder.EXTENSIONS))));
      }
    }
  }

  private static InputException unusable(Path root, String why) {
    return new InputException(
        root + " " + why + ": expected images as " + root + "/<class>/<image file>");
  }

  /** The images of all class folders. */
  private static final class Index extends IndexFile<Listing> {

    private final List<Path> folders;

    Index(Path root, List<Path> folders) {
      super(root, folders);
      this.folders = folders;
    }

    @Override
    Listing find() {
      Names.Builder names = new Names.Builder();
      LeftOut leftOut = new LeftOut();
      int[] ends = new int[folders.size()];
      for (int label = 0; label < ends.length; label++) {
        ImageWalk.images(folders.get(label), this::watch, leftOut).forEach(names::add);
        ends[label] = names.size();
      }
      return new Listing(ends, names.build(), leftOut);
    }

    @Override
    void write(Listing found, DataOutputStream out) throws IOException {
      for (int end : found.ends()) {
        out.writeInt(end);
      }
      found.names().write(out);
      found.leftOut().write(out);
    }

    @Override
    Listing read(DataInputStream in) throws IOException {
      int[] ends = new int[folders.size()];
      for (int label = 0; label < ends.length; label++) {
        ends[label] = in.readInt();
      }
      Names names = Names.read(in);
      Names.requireEnds(ends, names.size());
      return new Listing(ends, names, LeftOut.read(in));
    }
  }

  /**
   * The folder with some of its images, evenly spread over the classes.
   *
   * @param count how many; all if it has fewer
   */
  public ImageFolder sample(int count) {
    int wanted = Math.min(count, size());
    Names.Builder names = new Names.Builder();
    int[] ends = new int[classes.size()];
    for (int i = 0; i < wanted; i++) {
      int index = (int) ((long) i * size() / wanted);
      names.add(listing.names().get(index));
      ends[listing.label(index)] = names.size();
    }
    for (int label = 1; label < ends.length; label++) {
      ends[label] = Math.max(ends[label], ends[label - 1]);
    }
    return new ImageFolder(root, classes, new Listing(ends, names.build(), new LeftOut()));
  }

  public Path root() {
    return root;
  }

  @Override
  public String name() {
    return root.toString();
  }

  /** Names of the class folders, sorted: a class's index is its label. */
  @Override
  public ClassNames classes() {
    return classes;
  }

  @Override
  public int size() {
    return listing.names().size();
  }

  @Override
  public ImageFile get(int index) {
    return new FileOnDisk(path(index), listing.label(index));
  }

  private Path path(int index) {
    return root.resolve(classes.get(listing.label(index))).resolve(listing.names().get(index));
  }

  /** All images, by class, inner folder and name. */
  public List<Path> images() {
    return new AbstractList<>() {
      @Override
      public Path get(int index) {
        return path(index);
      }

      @Override
      public int size() {
        return ImageFolder.this.size();
      }
    };
  }
}
