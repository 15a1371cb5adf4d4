package org.kerneldna.sweep.trial;

/**
 * What a network costs.
 *
 * @param parameters numbers that it learns
 * @param macs multiply-accumulates of one image
 * @param latencyMs milliseconds for one image at inference; null if it was not measured
 */
public record Cost(long parameters, long macs, Double latencyMs) {}
