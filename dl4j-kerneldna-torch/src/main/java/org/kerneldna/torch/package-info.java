/**
 * Reading what PyTorch saved, and reading and writing safetensors, without Python and without
 * running anything that a file asks for: {@link org.kerneldna.torch.TorchCheckpoint#read} is the
 * way in. It gives {@link org.kerneldna.torch.Tensor tensors}, which are bytes of the file until
 * they are asked for numbers, and the state of {@link org.kerneldna.torch.TorchOptimizer
 * optimizers}; {@link org.kerneldna.torch.TorchCheckpoint#network} finds a network by the names and
 * shapes of its tensors. Every defect of a file is a {@link
 * org.kerneldna.torch.CheckpointException} of one line.
 *
 * <p>Nothing here needs DL4J, ND4J or the networks of the zoo.
 */
package org.kerneldna.torch;
