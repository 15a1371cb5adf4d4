package org.kerneldna.train.data;

import static java.nio.file.FileVisitResult.CONTINUE;
import static java.nio.file.FileVisitResult.SKIP_SUBTREE;
import static java.util.Comparator.comparing;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import lombok.RequiredArgsConstructor;
import org.kerneldna.train.io.InputException;

/** Looks for the images of a class at any depth, through links as well. */
@RequiredArgsConstructor
final class ImageWalk extends SimpleFileVisitor<Path> {

  private final Path folder;
  private final Consumer<Path> onFolder;
  private final LeftOut leftOut;
  private final List<String> images = new ArrayList<>();

  /**
   * The images as paths from the folder, with slashes: by inner folder, then name, as torchvision
   * sorts them.
   *
   * @param onFolder is told each folder before it is looked into, outer ones first
   * @param leftOut is told what is neither an image nor a folder of the user's
   * @throws InputException if a folder cannot be read, or links lead in a circle
   */
  static List<String> images(Path folder, Consumer<Path> onFolder, LeftOut leftOut) {
    ImageWalk walk = new ImageWalk(folder, onFolder, leftOut);
    try {
      Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, walk);
    } catch (IOException e) {
      throw Folders.unreadable(folder, e);
    }
    walk.images.sort(comparing(ImageWalk::innerFolder).thenComparing(image -> image));
    return walk.images;
  }

  private static String innerFolder(String image) {
    return image.substring(0, image.lastIndexOf('/') + 1);
  }

  @Override
  public FileVisitResult preVisitDirectory(Path entry, BasicFileAttributes attributes) {
    if (!entry.equals(folder) && Folders.isOfSystem(entry)) {
      leftOut.add(entry);
      return SKIP_SUBTREE;
    }
    onFolder.accept(entry);
    return CONTINUE;
  }

  /** Also of a link that leads nowhere, which shows when it is read. */
  @Override
  public FileVisitResult visitFile(Path entry, BasicFileAttributes attributes) {
    if (!Folders.isOfSystem(entry) && Folders.isImage(entry)) {
      images.add(folder.relativize(entry).toString().replace(File.separatorChar, '/'));
    } else {
      leftOut.add(entry);
    }
    return CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path entry, IOException e) {
    if (e instanceof FileSystemLoopException) {
      throw new InputException(entry + " is a link to a folder that it is in: remove the link", e);
    }
    throw Folders.unreadable(entry, e);
  }
}
