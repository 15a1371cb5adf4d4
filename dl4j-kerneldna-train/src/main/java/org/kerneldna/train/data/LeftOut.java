package org.kerneldna.train.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What was found and not taken: how much, and the first few by name. */
final class LeftOut {

  /** How many are told by name. */
  private static final int TOLD = 3;

  private final List<String> first = new ArrayList<>();
  private int count;

  void add(Object entry) {
    if (first.size() < TOLD) {
      first.add(entry.toString());
    }
    count++;
  }

  void addAll(LeftOut others) {
    others.first.stream().limit(TOLD - first.size()).forEach(first::add);
    count += others.count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(count);
    out.writeInt(first.size());
    for (String entry : first) {
      out.writeUTF(entry);
    }
  }

  static LeftOut read(DataInputStream in) throws IOException {
    LeftOut leftOut = new LeftOut();
    leftOut.count = in.readInt();
    for (int told = Math.min(TOLD, in.readInt()); told > 0; told--) {
      leftOut.first.add(in.readUTF());
    }
    return leftOut;
  }

  /** Such as "4 entries (a, b, c, ...)". */
  @Override
  public String toString() {
    return "%,d %s (%s%s)"
        .formatted(
            count,
            count == 1 ? "entry" : "entries",
            String.join(", ", first),
            count > first.size() ? ", ..." : "");
  }
}
