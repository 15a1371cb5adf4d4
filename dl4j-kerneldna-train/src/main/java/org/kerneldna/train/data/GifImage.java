package org.kerneldna.train.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.util.Optional;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import org.w3c.dom.Element;

/**
 * The first frame of a GIF file, on the file's screen. What it leaves free has the transparent
 * colour, or the palette's first one where there is none, as in PIL; where the frame goes beyond
 * the screen, the image does.
 */
record GifImage(ImageReader reader, Box frame, int width, int height) implements EncodedImage {

  static GifImage open(byte[] file) throws IOException {
    ImageReader reader = ImageIoImage.reader(file, ImageFormat.GIF);
    Element screen = element(reader.getStreamMetadata(), "LogicalScreenDescriptor").orElseThrow();
    Element part = element(reader.getImageMetadata(0), "ImageDescriptor").orElseThrow();
    Box frame =
        new Box(
            number(part, "imageLeftPosition"),
            number(part, "imageTopPosition"),
            number(part, "imageWidth"),
            number(part, "imageHeight"));
    return new GifImage(
        reader,
        frame,
        Math.max(number(screen, "logicalScreenWidth"), frame.right()),
        Math.max(number(screen, "logicalScreenHeight"), frame.bottom()));
  }

  private static Optional<Element> element(IIOMetadata metadata, String name) {
    Element tree = (Element) metadata.getAsTree(metadata.getNativeMetadataFormatName());
    return Optional.ofNullable((Element) tree.getElementsByTagName(name).item(0));
  }

  private static int number(Element element, String name) {
    return Integer.parseInt(element.getAttribute(name));
  }

  @Override
  public RgbImage decode() throws IOException {
    try {
      BufferedImage indexes = reader.read(0);
      IndexColorModel colors = (IndexColorModel) indexes.getColorModel();
      int[] palette = hasPalette() ? JavaPixels.palette(colors) : JavaPixels.greys();
      RgbImage image = new RgbImage(width, height);
      image.fill(palette[Math.max(colors.getTransparentPixel(), 0)]);
      JavaPixels.copy(indexes.getRaster(), palette, image, frame.left(), frame.top());
      return image;
    } finally {
      reader.dispose();
    }
  }

  private boolean hasPalette() throws IOException {
    return element(reader.getStreamMetadata(), "GlobalColorTable").isPresent()
        || element(reader.getImageMetadata(0), "LocalColorTable").isPresent();
  }
}
