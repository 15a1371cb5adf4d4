/**
 * Knows what ND4J runs on, and switches on the oneDNN layer helpers that DL4J ships but leaves off.
 */
package org.kerneldna.layers.natives;
