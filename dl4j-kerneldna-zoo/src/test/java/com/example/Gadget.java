package com.example;

import java.io.ObjectInputStream;
import java.io.Serializable;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/** A class that a file may name but has no right to: what it does sets a system property. */
public final class Gadget extends ActivationIdentity implements Serializable {

  /** The property that is set once the class was initialised, or an object of it read. */
  public static final String RAN = "com.example.gadget.ran";

  static {
    System.setProperty(RAN, "initialised");
  }

  private void readObject(ObjectInputStream in) {
    System.setProperty(RAN, "deserialised");
  }
}
