package org.kerneldna.train;

/**
 * What a pass over the training images gave.
 *
 * @param loss mean cross-entropy
 * @param top1 percent, while learning
 * @param images that were learnt from
 * @param badImages that were left out as broken
 * @param imagesPerSecond reading included
 * @param dataWait share of the time in which images were waited for, in percent
 */
public record TrainingResult(
    double loss,
    double top1,
    long images,
    int badImages,
    double imagesPerSecond,
    double dataWait) {}
