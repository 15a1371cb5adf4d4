package org.kerneldna.train.data;

import java.io.IOException;

/** Images with the labels that their classes have in another order. */
final class Relabelled implements ImageSource {

  private final ImageSource source;
  private final ClassNames classes;

  /** By the source's label. */
  private final int[] labels;

  Relabelled(ImageSource source, ClassNames classes, int[] labels) {
    this.source = source;
    this.classes = classes;
    this.labels = labels;
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public ClassNames classes() {
    return classes;
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public ImageStream inOrder() {
    return new Stream(source.inOrder(), labels);
  }

  @Override
  public ImageStream shuffled(long seed) {
    return new Stream(source.shuffled(seed), labels);
  }

  private record Stream(ImageStream images, int[] labels) implements ImageStream {

    @Override
    public boolean hasNext() {
      return images.hasNext();
    }

    @Override
    public ImageFile next() {
      return new File(images.next(), labels);
    }

    @Override
    public void skip(long count) {
      images.skip(count);
    }

    @Override
    public void close() {
      images.close();
    }
  }

  private record File(ImageFile file, int[] labels) implements ImageFile {

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public int label() {
      return labels[file.label()];
    }

    @Override
    public byte[] read() throws IOException {
      return file.read();
    }
  }
}
