package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Finds a network among the dictionaries of a file: where the most of its names are, whatever
 * dictionaries and modules programs wrapped it in. Of several such places the first that is called
 * {@code ema} is taken, as timm does by default, else the first.
 */
final class NetworkSearch {

  private static final Pattern EMA = Pattern.compile("(^|[._])ema([._]|$)");

  /** What {@code AveragedModel} counts beside the network. */
  private static final String AVERAGED = "n_averaged";

  private final Map<String, long[]> network;
  private final List<Place> places = new ArrayList<>();

  /** A beginning that as many names of a dictionary share as are {@code found}. */
  private record Place(TensorDict dict, String prefix, int found) {
    String key() {
      String full = dict.fullName(prefix);
      return full.endsWith(".") ? full.substring(0, full.length() - 1) : full;
    }
  }

  /**
   * @param network shapes by name, in order
   */
  NetworkSearch(List<TensorDict> dicts, Map<String, long[]> network) {
    this.network = network;
    dicts.forEach(this::addPlaces);
  }

  private void addPlaces(TensorDict dict) {
    Map<String, Integer> found = new LinkedHashMap<>();
    found.put("", 0);
    for (String key : dict.tensors().keySet()) {
      for (String name : network.keySet()) {
        String prefix = key.substring(0, Math.max(0, key.length() - name.length()));
        if (key.endsWith(name) && (prefix.isEmpty() || prefix.endsWith("."))) {
          found.merge(prefix, 1, Integer::sum);
        }
      }
    }
    found.forEach((prefix, count) -> places.add(new Place(dict, prefix, count)));
  }

  /**
   * The network.
   *
   * @throws CheckpointException that names the first tensor that is missing, unexpected or has
   *     another shape
   */
  TorchNetwork find() {
    int most = places.stream().mapToInt(Place::found).max().orElse(0);
    List<Place> best = places.stream().filter(place -> place.found == most).toList();
    Place place =
        best.stream().filter(p -> EMA.matcher(p.key()).find()).findFirst().orElse(best.get(0));
    Map<String, Tensor> tensors = below(place);
    network.forEach((name, shape) -> requireShape(name, shape, tensors, place));
    for (String name : tensors.keySet()) {
      if (!network.containsKey(name) && !TorchCheckpoint.isCounter(name)) {
        throw new CheckpointException("the network has no tensor " + quote(name));
      }
    }
    tensors.keySet().retainAll(network.keySet());
    List<String> others = best.stream().filter(p -> p != place).map(Place::key).toList();
    return new TorchNetwork(place.key(), Collections.unmodifiableMap(tensors), others);
  }

  private static Map<String, Tensor> below(Place place) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    place
        .dict
        .tensors()
        .forEach(
            (key, tensor) -> {
              if (key.startsWith(place.prefix) && !key.equals(AVERAGED)) {
                tensors.put(key.substring(place.prefix.length()), tensor);
              }
            });
    return tensors;
  }

  private static void requireShape(
      String name, long[] expected, Map<String, Tensor> tensors, Place place) {
    Tensor tensor = tensors.get(name);
    if (tensor == null && !TorchCheckpoint.isCounter(name)) {
      String other = place.dict.rest().get(place.prefix + name);
      throw new CheckpointException(
          other == null
              ? "tensor " + quote(name) + " is missing"
              : quote(name) + " is no tensor, but " + quote(other));
    }
    if (tensor != null && !Arrays.equals(tensor.shape(), expected)) {
      throw new CheckpointException(
          String.format(
              "tensor %s has shape %s, and %s in the network",
              quote(name), Arrays.toString(tensor.shape()), Arrays.toString(expected)));
    }
  }
}
