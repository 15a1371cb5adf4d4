/**
 * The arithmetic of the layers, forward and backward, on plain arrays: it knows neither DL4J's
 * layers nor its workspaces.
 */
package org.kerneldna.layers.math;
