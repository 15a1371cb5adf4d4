/**
 * JMH benchmarks of the operations that a child convolution is made of, at the shapes of
 * ResNet-18's last two stages, beside the plain convolution of the same shape.
 */
package org.kerneldna.jmh;
