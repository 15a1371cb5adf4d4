package org.kerneldna.train.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** An image that needs no more than Java's ImageIO. */
record ImageIoImage(ImageReader reader, int width, int height) implements EncodedImage {

  static ImageIoImage open(byte[] file, ImageFormat format) throws IOException {
    ImageReader reader = reader(file, format);
    return new ImageIoImage(reader, reader.getWidth(0), reader.getHeight(0));
  }

  /** ImageIO's reader of a format. It ignores what would only describe the image. */
  static ImageReader reader(byte[] file, ImageFormat format) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format.name()).next();
    reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(file)), true, true);
    return reader;
  }

  @Override
  public RgbImage decode() throws IOException {
    try {
      return JavaPixels.toRgb(reader.read(0));
    } finally {
      reader.dispose();
    }
  }
}
