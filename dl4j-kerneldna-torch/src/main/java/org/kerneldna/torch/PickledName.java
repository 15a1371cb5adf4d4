package org.kerneldna.torch;

/** A class or function that a pickle names and that nothing here looks up. */
record PickledName(String name) {}
