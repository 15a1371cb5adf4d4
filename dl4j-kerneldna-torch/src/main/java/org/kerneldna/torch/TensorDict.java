package org.kerneldna.torch;

import java.util.Map;

/**
 * A dictionary of a file in which there are tensors, among other things or alone.
 *
 * @param path the keys that lead to it, with dots between; empty for what was saved itself
 * @param tensors by name, without what {@code torch.compile} puts into names; unmodifiable
 * @param rest what is no tensor: its type by name; unmodifiable
 */
public record TensorDict(String path, Map<String, Tensor> tensors, Map<String, String> rest) {

  /** Where in the file a name is, or begins. */
  String fullName(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
