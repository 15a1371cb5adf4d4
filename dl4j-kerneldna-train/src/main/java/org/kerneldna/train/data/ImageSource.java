package org.kerneldna.train.data;

import java.util.List;

/** Images of known classes, wherever they are. Immutable: every pass over them is a new stream. */
public interface ImageSource {

  /** Where the images are, for messages. */
  String name();

  /** Names of the classes; a class's index is its label. */
  List<String> classes();

  /** Number of images, broken ones included. */
  int size();

  /** All images in their own order. */
  ImageStream inOrder();

  /**
   * All images in random order.
   *
   * @param seed the same seed gives the same order
   */
  ImageStream shuffled(long seed);
}
