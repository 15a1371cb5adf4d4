package org.kerneldna.train.data;

import org.kerneldna.train.io.InputException;

/** Images of known classes, wherever they are. Immutable: every pass over them is a new stream. */
public interface ImageSource {

  /** Where the images are, for messages. */
  String name();

  /** The classes; a class's index is its label. */
  ClassNames classes();

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

  /**
   * The same images with the labels that their classes, told by name, have in another order.
   *
   * @param order of a checkpoint, or of the images that are trained on
   * @param place where the order comes from, for the message
   * @throws InputException naming the classes that only one of them has
   */
  default ImageSource labelledBy(ClassNames order, String place) {
    return classes().equals(order)
        ? this
        : new Relabelled(this, order, classes().labelsIn(order, name(), place));
  }
}
