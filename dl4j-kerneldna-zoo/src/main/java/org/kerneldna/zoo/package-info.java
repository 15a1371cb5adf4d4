/**
 * KernelDNA networks and their static twins as zoo models of Deeplearning4j: {@link
 * org.kerneldna.zoo.Architecture} lists them. {@link org.kerneldna.zoo.StateDict} knows where the
 * tensors of the PyTorch network are in a graph, and {@link org.kerneldna.zoo.TorchWeights} moves
 * weights and an optimizer's state by it, whole or not at all.
 */
package org.kerneldna.zoo;
