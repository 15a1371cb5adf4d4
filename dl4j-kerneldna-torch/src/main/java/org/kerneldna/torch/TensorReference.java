package org.kerneldna.torch;

/** What a pickle says of a tensor; nothing in it has been checked. */
record TensorReference(StorageReference storage, long offset, long[] shape, long[] strides) {}
