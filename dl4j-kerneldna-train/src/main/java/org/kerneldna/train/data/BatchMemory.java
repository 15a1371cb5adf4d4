package org.kerneldna.train.data;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The arrays of a batch, which several threads fill, each its own images, and which serve batch
 * after batch.
 */
final class BatchMemory implements AutoCloseable {

  private final INDArray features;
  private final INDArray labels;
  private final int imageSize;
  private final int classes;

  BatchMemory(int images, int imageSize, int classes) {
    features = Nd4j.createUninitializedDetached(DataType.FLOAT, images, 3, imageSize, imageSize);
    labels = Nd4j.createUninitializedDetached(DataType.FLOAT, images, classes);
    this.imageSize = imageSize;
    this.classes = classes;
  }

  /** Pixels of the square images' sides. */
  int imageSize() {
    return imageSize;
  }

  /** Where to write an image, [3, size, size]. */
  FloatBuffer image(int index) {
    return slice(features, index, 3 * imageSize * imageSize);
  }

  /** Where to write the probabilities of an image's classes, [classes]. */
  FloatBuffer label(int index) {
    return slice(labels, index, classes);
  }

  private static FloatBuffer slice(INDArray array, long index, int length) {
    FloatPointer values = new FloatPointer(array.data().pointer());
    return values.getPointer(index * length).capacity(length).asBuffer();
  }

  /** Puts an image and its label in another's place. */
  void move(int from, int to) {
    image(to).put(image(from));
    label(to).put(label(from));
  }

  /** The first images as a batch, in this memory where it is full. */
  DataSet batch(int images) {
    // The host's memory was written behind ND4J's back, which matters where a GPU has a copy.
    Nd4j.getAffinityManager().tagLocation(features, Location.HOST);
    Nd4j.getAffinityManager().tagLocation(labels, Location.HOST);
    return images == features.size(0)
        ? new DataSet(features, labels)
        : new DataSet(first(features, images), first(labels, images));
  }

  private static INDArray first(INDArray array, int count) {
    return array.get(NDArrayIndex.interval(0, count)).dup('c');
  }

  /** Gives the memory back, which ND4J would do some time after the next collection of garbage. */
  @Override
  public void close() {
    features.close();
    labels.close();
  }
}
