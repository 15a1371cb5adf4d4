/**
 * Searches hyperparameters of networks of the zoo and of their training: {@link
 * org.kerneldna.sweep.Sweep} runs what a {@link org.kerneldna.sweep.SweepConfig} says.
 */
package org.kerneldna.sweep;
