package org.kerneldna.inference;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network's weights in the layouts that its plans want, each made once and shared by all. */
final class Weights {

  private final Map<String, List<memory>> packed = new ConcurrentHashMap<>();

  /**
   * An array of the network in a layout.
   *
   * @param name which array it is
   * @param shape of the array as oneDNN wants it, of as many numbers
   */
  memory get(String name, INDArray array, memory.desc wanted, long... shape) {
    List<memory> layouts = packed.computeIfAbsent(name, none -> new ArrayList<>());
    synchronized (layouts) {
      return layouts.stream()
          .filter(known -> known.get_desc().equals(wanted))
          .findFirst()
          .orElseGet(
              () -> {
                memory made = pack(array, wanted, shape);
                layouts.add(made);
                return made;
              });
    }
  }

  private static memory pack(INDArray array, memory.desc wanted, long... shape) {
    INDArray dense = Dense.of(array);
    memory plain = new memory(OneDnn.plain(shape), OneDnn.engine(), Dense.address(dense));
    memory made = new memory(wanted, OneDnn.engine());
    stream stream = new stream(OneDnn.engine());
    new reorder(plain, made).execute(stream, plain, made);
    stream._wait();
    // Until here nothing but the plain memory knows where the array's numbers are.
    Reference.reachabilityFence(dense);
    return made;
  }
}
