package org.kerneldna.train.data;

/**
 * Samples of one channel, somewhere in an array.
 *
 * @param samples unsigned bytes
 * @param offset index of the first sample
 * @param stride from a sample to the one below
 * @param width samples a row
 * @param height rows
 */
record Plane(byte[] samples, int offset, int stride, int width, int height) {}
