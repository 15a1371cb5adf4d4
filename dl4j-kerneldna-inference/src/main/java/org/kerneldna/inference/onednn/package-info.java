/**
 * Programs on oneDNN: the planner puts what a program computes on a tape of primitives, and a plan
 * is a tape in memory of its own, ready to run. {@link org.kerneldna.inference.onednn.Executable}
 * is what others use.
 */
package org.kerneldna.inference.onednn;
