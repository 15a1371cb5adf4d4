package org.kerneldna.train.data;

import java.io.IOException;

/** A JPEG file. */
record JpegImage(byte[] file, JpegHeader header) implements EncodedImage {

  /** Components of a file that OpenCV would convert to RGB otherwise than PIL. */
  private static final int CMYK = 4;

  static JpegImage open(byte[] file) throws BadImageException {
    JpegHeader header =
        JpegHeader.of(file)
            .orElseThrow(
                () -> new BadImageException("broken image: its JPEG header is cut off or damaged"));
    return new JpegImage(file, header);
  }

  @Override
  public int width() {
    return header.width();
  }

  @Override
  public int height() {
    return header.height();
  }

  @Override
  public RgbImage decode() throws IOException {
    header.requireComplete(file);
    return OpenCvDecoder.AVAILABLE && header.components() != CMYK
        ? OpenCvDecoder.decode(file)
        : ImageIoImage.open(file, ImageFormat.JPEG).decode();
  }
}
