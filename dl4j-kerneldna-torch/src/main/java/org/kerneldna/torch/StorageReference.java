package org.kerneldna.torch;

/** What a pickle says of a storage, whose bytes lie elsewhere in the file. */
record StorageReference(DType dtype, String key, long elements) {}
