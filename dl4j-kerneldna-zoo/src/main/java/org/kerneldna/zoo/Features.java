package org.kerneldna.zoo;

/**
 * What a module hands to the next.
 *
 * @param vertex the vertex that computes it
 * @param channels how many channels it has
 */
record Features(String vertex, int channels) {}
