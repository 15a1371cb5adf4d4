package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/** The same as resizing and then cropping, but what is cropped away is never computed. */
record ResizedCenter(Resize resize, CenterCrop crop) implements ImageTransform {

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    int width = resize.width(image);
    int height = resize.height(image);
    Box wanted = crop.box(width, height);
    Box part = wanted.within(width, height);
    return Bilinear.resize(image, width, height, part)
        .crop(wanted.left() - part.left(), wanted.top() - part.top(), crop.size(), crop.size());
  }
}
