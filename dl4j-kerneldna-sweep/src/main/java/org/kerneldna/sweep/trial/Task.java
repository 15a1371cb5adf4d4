package org.kerneldna.sweep.trial;

/**
 * What all candidates of a sweep have in common.
 *
 * @param data folder with {@code train/<class>/*} and {@code val/<class>/*}
 * @param imageSize side of the square images, in pixels
 * @param smallStem whether the networks' first convolution is for small images
 * @param seed of first parameters, order and augmentation
 * @param latency whether to measure it
 */
public record Task(String data, int imageSize, boolean smallStem, long seed, boolean latency) {}
