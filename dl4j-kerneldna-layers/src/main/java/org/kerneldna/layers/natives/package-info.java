/** Knows what ND4J runs on, and runs DL4J's own layers in oneDNN where somebody asks for it. */
package org.kerneldna.layers.natives;
