/**
 * Training and evaluating networks on images: recipe, schedule, checkpoints, and the loop over
 * epochs.
 */
package org.kerneldna.train;
