/**
 * Training one candidate: {@link org.kerneldna.sweep.trial.Trial} is all that a sweep knows of it.
 */
package org.kerneldna.sweep.trial;
