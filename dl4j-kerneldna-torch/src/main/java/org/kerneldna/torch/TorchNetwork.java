package org.kerneldna.torch;

import java.util.List;
import java.util.Map;

/**
 * The tensors of one network in a file.
 *
 * @param key where they are: keys and common beginnings of names, with dots between; empty if the
 *     names alone lead to them
 * @param tensors those of the network, under its own names and in the file's order; counters may be
 *     missing; unmodifiable
 * @param others where else the file has as much of the network, such as a mean of its parameters
 */
public record TorchNetwork(String key, Map<String, Tensor> tensors, List<String> others) {}
