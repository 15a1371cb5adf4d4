/**
 * Reading what PyTorch saved, and reading and writing safetensors, without Python and without
 * running anything that a file asks for: {@link org.kerneldna.torch.TorchCheckpoint#read} is the
 * way in. Every defect of a file is a {@link org.kerneldna.torch.CheckpointException} of one line.
 */
package org.kerneldna.torch;
