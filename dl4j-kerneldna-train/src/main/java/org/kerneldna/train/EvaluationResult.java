package org.kerneldna.train;

/**
 * What a pass over the validation images gave.
 *
 * @param loss mean cross-entropy
 * @param top1 percent
 * @param top5 percent; 100 with five classes or fewer
 * @param images that were classified
 * @param badImages that were left out as broken
 * @param imagesPerSecond reading included
 * @param confusion number of images by [true class][predicted class]
 */
public record EvaluationResult(
    double loss,
    double top1,
    double top5,
    long images,
    int badImages,
    double imagesPerSecond,
    int[][] confusion) {}
