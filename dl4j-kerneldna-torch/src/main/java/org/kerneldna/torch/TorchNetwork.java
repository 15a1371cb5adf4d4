package org.kerneldna.torch;

import java.util.List;
import java.util.Map;

/**
 * The tensors of one network in a file.
 *
 * @param key where they are: keys and common beginnings of names, with dots between; empty if the
 *     names alone lead to them
 * @param tensors under the network's own names; unmodifiable
 * @param others where else the file has as much of the network, such as a mean of its parameters
 */
public record TorchNetwork(String key, Map<String, Tensor> tensors, List<String> others) {}
