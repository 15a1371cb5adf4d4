package org.kerneldna.train.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Random images without files, to try a training or to measure its speed. Each class has a colour
 * of its own, under noise, so that a network can learn them.
 *
 * @param classes named 0, 1, 2, ...
 * @param size number of images, the classes in turn
 * @param pixels of the square images' sides
 */
public record DummyImages(ClassNames classes, int size, int pixels) implements IndexedImages {

  private static final int HEADER = 54;

  /** Images of so many classes. */
  public DummyImages(int classes, int size, int pixels) {
    this(ClassNames.numbered(classes), size, pixels);
  }

  @Override
  public String name() {
    return "dummy data";
  }

  @Override
  public ImageFile get(int index) {
    return new Dummy(index, index % classes.size(), pixels);
  }

  private record Dummy(int index, int label, int pixels) implements ImageFile {

    @Override
    public String name() {
      return "dummy image " + index;
    }

    /** A bitmap of 24 bits a pixel. */
    @Override
    public byte[] read() {
      int stride = (3 * pixels + 3) / 4 * 4;
      ByteBuffer file =
          ByteBuffer.allocate(HEADER + stride * pixels).order(ByteOrder.LITTLE_ENDIAN);
      file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(HEADER);
      file.putInt(40).putInt(pixels).putInt(pixels).putShort((short) 1).putShort((short) 24);
      byte[] bitmap = file.array();
      SplittableRandom noise = new SplittableRandom(index);
      byte[] colour = new byte[3];
      new SplittableRandom(label).nextBytes(colour);
      for (int i = HEADER; i < bitmap.length; i++) {
        bitmap[i] = (byte) ((colour[i % 3] & 0xff) + noise.nextInt(256) >> 1);
      }
      return bitmap;
    }
  }
}
