package org.kerneldna.sweep.trial;

/**
 * What an epoch of a candidate gave.
 *
 * @param epoch from 1
 * @param trainLoss mean cross-entropy
 * @param top1 of the validation images, percent
 */
public record Epoch(int epoch, double trainLoss, double top1) {}
