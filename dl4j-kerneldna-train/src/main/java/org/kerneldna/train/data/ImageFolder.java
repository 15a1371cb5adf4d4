package org.kerneldna.train.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import org.kerneldna.train.io.InputException;

/**
 * A folder with a folder of images for each class. Every file that is not hidden counts as an
 * image; whether it is one shows when it is read. The list of files is remembered in an {@link
 * IndexFile}.
 */
public final class ImageFolder implements IndexedImages {

  private final Path root;
  private final List<String> classes;
  private final Listing listing;

  /**
   * All files, sorted by class, then name.
   *
   * @param ends index behind the last file of each class
   * @param names of the files, without the folder
   */
  private record Listing(int[] ends, Names names) {

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

  private ImageFolder(Path root, List<String> classes, Listing listing) {
    this.root = root;
    this.classes = classes;
    this.listing = listing;
  }

  /**
   * Lists a folder.
   *
   * @throws InputException if the folder, its class folders or the images are missing
   */
  public static ImageFolder open(Path root) {
    if (!Files.isDirectory(root)) {
      throw unusable(root, "is not a folder");
    }
    List<Path> folders = Folders.list(root, Files::isDirectory);
    if (folders.isEmpty()) {
      throw unusable(root, "has no class folders");
    }
    Listing listing = new Index(root, folders).get();
    if (listing.names().isEmpty()) {
      throw unusable(root, "has class folders without any images");
    }
    return new ImageFolder(root, Folders.names(folders), listing);
  }

  private static InputException unusable(Path root, String why) {
    return new InputException(
        root + " " + why + ": expected images as " + root + "/<class>/<image file>");
  }

  /** The files of all class folders. */
  private static final class Index extends IndexFile<Listing> {

    private final List<Path> folders;

    Index(Path root, List<Path> folders) {
      super(root, folders);
      this.folders = folders;
    }

    @Override
    Listing find() {
      Names.Builder names = new Names.Builder();
      int[] ends = new int[folders.size()];
      for (int label = 0; label < ends.length; label++) {
        List<Path> files = Folders.list(folders.get(label), Files::isRegularFile);
        Folders.names(files).forEach(names::add);
        ends[label] = names.size();
      }
      return new Listing(ends, names.build());
    }

    @Override
    void write(Listing found, DataOutputStream out) throws IOException {
      for (int end : found.ends()) {
        out.writeInt(end);
      }
      found.names().write(out);
    }

    @Override
    Listing read(DataInputStream in) throws IOException {
      int[] ends = new int[folders.size()];
      for (int label = 0; label < ends.length; label++) {
        ends[label] = in.readInt();
      }
      return new Listing(ends, Names.read(in));
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
    return new ImageFolder(root, classes, new Listing(ends, names.build()));
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
  public List<String> classes() {
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

  /** All files, sorted by class, then name. */
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
