/**
 * What ND4J runs on ({@link org.kerneldna.layers.natives.Backend}), and DL4J's own layers in oneDNN
 * where somebody asks for it ({@link org.kerneldna.layers.natives.LayerHelpers}). This library's
 * layers need neither.
 */
package org.kerneldna.layers.natives;
