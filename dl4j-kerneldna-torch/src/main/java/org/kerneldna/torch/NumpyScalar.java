package org.kerneldna.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number as NumPy pickles it: a function, called with a dtype and the number's bytes. */
final class NumpyScalar {

  private static final Pattern FUNCTION = Pattern.compile("numpy\\._?core\\.multiarray\\.scalar");
  private static final Pattern TYPE = Pattern.compile("([fiu])([1248])");

  private NumpyScalar() {}

  /** The number, a Long or a Double, if that is what the object is. */
  static Optional<Number> of(PickledObject object) {
    Object[] arguments = object.arguments();
    if (FUNCTION.matcher(object.name()).matches()
        && arguments.length == 2
        && arguments[0] instanceof PickledObject dtype
        && dtype.arguments().length > 0
        && dtype.arguments()[0] instanceof String type
        && arguments[1] instanceof byte[] bytes) {
      return number(type, ByteBuffer.wrap(bytes).order(order(dtype)));
    }
    return Optional.empty();
  }

  private static ByteOrder order(PickledObject dtype) {
    boolean big =
        dtype.state() instanceof Object[] state && state.length > 1 && ">".equals(state[1]);
    return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private static Optional<Number> number(String type, ByteBuffer bytes) {
    Matcher parts = TYPE.matcher(type);
    if (!parts.matches() || bytes.limit() != Integer.parseInt(parts.group(2))) {
      return Optional.empty();
    }
    return switch (type) {
      case "f8" -> Optional.of(bytes.getDouble());
      case "f4" -> Optional.of((double) bytes.getFloat());
      case "f2" -> Optional.of(DType.FLOAT16.read(bytes, 0));
      case "i8" -> Optional.of(bytes.getLong());
      case "i4" -> Optional.of((long) bytes.getInt());
      case "i2" -> Optional.of((long) bytes.getShort());
      case "i1" -> Optional.of((long) bytes.get());
      case "u4" -> Optional.of(bytes.getInt() & 0xffffffffL);
      case "u2" -> Optional.of(bytes.getShort() & 0xffffL);
      case "u1" -> Optional.of(bytes.get() & 0xffL);
      default -> Optional.empty();
    };
  }
}
