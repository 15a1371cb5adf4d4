package org.kerneldna.train.data;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A random rectangle of the image, resized to a square: torchvision's {@code RandomResizedCrop}.
 * When ten draws do not fit into the image, the largest centred rectangle of an allowed ratio is
 * taken.
 *
 * @param size pixels of the square's side
 * @param smallest share of the image's area, more than 0
 * @param largest share of the image's area
 * @param narrowest ratio of width to height
 * @param widest ratio of width to height
 */
public record RandomResizedCrop(
    int size, double smallest, double largest, double narrowest, double widest)
    implements ImageTransform {

  private static final int DRAWS = 10;

  /**
   * @throws IllegalArgumentException unless 0 &lt; smallest &lt;= largest and 0 &lt; narrowest
   *     &lt;= widest
   */
  public RandomResizedCrop {
    requireRange("scale", smallest, largest);
    requireRange("ratio", narrowest, widest);
  }

  /** Of 8 to 100 % of the area, and a ratio of 3/4 to 4/3. */
  public RandomResizedCrop(int size) {
    this(size, 0.08, 1, 3.0 / 4, 4.0 / 3);
  }

  private static void requireRange(String name, double low, double high) {
    if (!(0 < low && low <= high)) {
      throw new IllegalArgumentException(
          "%s %s to %s cannot be used: give two numbers above 0, the smaller one first"
              .formatted(name, low, high));
    }
  }

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return resized(image, draw(image.width(), image.height(), random));
  }

  /** Of a JPEG file, only what the crop needs is decoded, see {@link JpegPart}. */
  @Override
  public RgbImage applyTo(byte[] file, RandomGenerator random) throws BadImageException {
    Optional<JpegHeader> jpeg = JpegHeader.of(file).filter(JpegPart::canBeDecoded);
    if (jpeg.isEmpty()) {
      return ImageDecoder.decode(file, image -> apply(image, random));
    }
    JpegHeader header = jpeg.get();
    header.requireComplete(file);
    Box box = draw(header.width(), header.height(), random);
    Optional<RgbImage> part = JpegPart.decode(file, header, box, size);
    return part.isPresent() ? part.get() : ImageDecoder.decode(file, image -> resized(image, box));
  }

  private RgbImage resized(RgbImage image, Box box) {
    return Bilinear.resize(
        image.crop(box.left(), box.top(), box.width(), box.height()), size, size);
  }

  private Box draw(int width, int height, RandomGenerator random) {
    for (int i = 0; i < DRAWS; i++) {
      double area = (double) width * height * uniform(smallest, largest, random);
      double ratio = Math.exp(uniform(Math.log(narrowest), Math.log(widest), random));
      int w = (int) Math.rint(Math.sqrt(area * ratio));
      int h = (int) Math.rint(Math.sqrt(area / ratio));
      if (0 < w && w <= width && 0 < h && h <= height) {
        int top = random.nextInt(height - h + 1);
        int left = random.nextInt(width - w + 1);
        return new Box(left, top, w, h);
      }
    }
    return largestCentred(width, height);
  }

  private static double uniform(double low, double high, RandomGenerator random) {
    return low + (high - low) * random.nextDouble();
  }

  private Box largestCentred(int width, int height) {
    int w = Math.min(width, Math.max(1, (int) Math.rint(height * widest)));
    int h = Math.min(height, Math.max(1, (int) Math.rint(width / narrowest)));
    return new Box((width - w) / 2, (height - h) / 2, w, h);
  }
}
