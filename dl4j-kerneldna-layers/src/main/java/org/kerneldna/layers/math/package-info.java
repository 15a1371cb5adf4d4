/**
 * What the layers compute, on plain arrays: no configurations, workspaces or parameters by name.
 *
 * <p>Each formula has a class: {@link org.kerneldna.layers.math.Conv2d convolution}, {@link
 * org.kerneldna.layers.math.Normalization batch} and {@link
 * org.kerneldna.layers.math.ChannelNormalization layer normalisation}, and so on. They take arrays
 * of any type, in whatever way they lie in memory ({@link org.kerneldna.layers.math.Dense}), and
 * leave to {@code Arithmetic} how that is fastest on a backend and for a data type: on another
 * backend than the processor, ND4J's own operations run.
 */
package org.kerneldna.layers.math;
