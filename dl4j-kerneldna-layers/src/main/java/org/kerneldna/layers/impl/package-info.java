/**
 * What runs the configurations of {@link org.kerneldna.layers}: {@code LayerTemplate} holds what is
 * the same for all layers with parameters; each other class computes one layer, by {@link
 * org.kerneldna.layers.math}.
 */
package org.kerneldna.layers.impl;
