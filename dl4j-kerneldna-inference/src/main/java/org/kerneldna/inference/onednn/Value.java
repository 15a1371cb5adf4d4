package org.kerneldna.inference.onednn;

import org.bytedeco.dnnl.memory;
import org.kerneldna.inference.onednn.Place.Constant;
import org.kerneldna.inference.onednn.Place.Slot;

/** An array: how it lies, and where. Several may be views of one place. */
record Value(memory.desc desc, Place place) {

  Value {
    desc = OneDnn.canonical(desc);
  }

  long[] shape() {
    return OneDnn.shape(desc);
  }

  /** The same memory, taken for another array. */
  Value seen(memory.desc as) {
    return new Value(
        as, place instanceof Constant c ? new Constant(c.name(), c.numbers(), as) : place);
  }

  /** Whether the node at hand may write over it. */
  boolean isFree() {
    return place instanceof Slot slot && slot.isFree();
  }
}
