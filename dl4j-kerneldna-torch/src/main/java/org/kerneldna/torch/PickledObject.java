package org.kerneldna.torch;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a pickle says of an object whose class it names: nothing is looked up, made or called. Two
 * of them are never equal, so that one as a key of a dictionary costs nothing, whatever it holds.
 */
final class PickledObject {

  private final String name;
  private final Object[] arguments;
  private final Map<Object, Object> items = new LinkedHashMap<>();
  private Object state;

  PickledObject(String name, Object... arguments) {
    this.name = name;
    this.arguments = arguments;
  }

  /** The class, or the function that would have made the object. */
  String name() {
    return name;
  }

  /** What the class would have been called with. */
  Object[] arguments() {
    return arguments;
  }

  /** What would have been stored in it, as in a defaultdict. */
  Map<Object, Object> items() {
    return items;
  }

  /** What its attributes would have been set from; null for nothing. */
  Object state() {
    return state;
  }

  void setState(Object state) {
    this.state = state;
  }
}
