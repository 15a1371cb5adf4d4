/**
 * What runs the configurations of {@link org.kerneldna.layers}: {@code LayerTemplate} is what is
 * the same for all layers with parameters, and each of the others says what one of them computes,
 * in terms of {@link org.kerneldna.layers.math}.
 */
package org.kerneldna.layers.impl;
