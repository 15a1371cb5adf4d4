/**
 * What is searched: {@link org.kerneldna.sweep.space.Settings} are one candidate, {@link
 * org.kerneldna.sweep.space.KernelDNASpace} is where candidates come from.
 */
package org.kerneldna.sweep.space;
