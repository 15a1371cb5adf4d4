/**
 * KernelDNA networks and their static twins as zoo models of Deeplearning4j. {@link
 * org.kerneldna.zoo.Architecture} lists them, {@link org.kerneldna.zoo.StateDict} knows where a
 * PyTorch checkpoint's tensors belong.
 */
package org.kerneldna.zoo;
