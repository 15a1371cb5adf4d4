package org.kerneldna.inference.onnx;

import static org.kerneldna.inference.onnx.OnnxGraph.integers;
import static org.kerneldna.inference.onnx.OnnxGraph.text;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import lombok.RequiredArgsConstructor;
import onnx.Onnx.AttributeProto;
import org.kerneldna.graph.Window;

/** How a window moves, as the attributes of an operator. */
@RequiredArgsConstructor
final class OnnxWindow {

  private static final long[] NO_STRIDE = {1, 1};

  private final Window window;

  /** The shape of the images that it moves over. */
  private final long[] images;

  /** Named in errors. */
  private final String vertex;

  boolean isDilated() {
    return LongStream.of(window.dilation()).anyMatch(d -> d > 1);
  }

  /** The attributes of a window, and more. */
  AttributeProto[] attributes(AttributeProto... more) {
    return Stream.concat(
            Stream.of(undilated(more)), Stream.of(integers("dilations", window.dilation())))
        .toArray(AttributeProto[]::new);
  }

  /** The same for an operator that knows no dilation. */
  AttributeProto[] undilated(AttributeProto... more) {
    // ONNX Runtime pads dilated kernels by explicit numbers only.
    AttributeProto padding =
        isDilated()
            ? padding(padded())
            : explicit().map(OnnxWindow::padding).orElse(text("auto_pad", "SAME_UPPER"));
    return Stream.concat(Stream.of(kernel(), strides(), padding), Stream.of(more))
        .toArray(AttributeProto[]::new);
  }

  /** The attributes of a transposed convolution by this window. */
  AttributeProto[] transposed() {
    long[] before = window.before().clone();
    long[] after = window.after().clone();
    for (int d = 0; d < 2 && window.same(); d++) {
      long more = window.extent(d) - window.stride()[d];
      before[d] = Math.max(more, 0) / 2;
      after[d] = more - before[d];
    }
    return new AttributeProto[] {
      kernel(),
      strides(),
      integers("dilations", window.dilation()),
      padding(before, Math.max(after[0], 0), Math.max(after[1], 0)),
      // What a kernel that is smaller than the stride does not reach.
      integers("output_padding", Math.max(-after[0], 0), Math.max(-after[1], 0))
    };
  }

  /**
   * The window with explicit padding.
   *
   * @throws IllegalArgumentException if that depends on sizes that are not known
   */
  Window padded() {
    return explicit()
        .orElseThrow(() -> sizesNeeded("has a stride, and pads by what the images need"));
  }

  private Optional<Window> explicit() {
    if (!window.same()) {
      return Optional.of(window);
    }
    if (images[2] >= 0 && images[3] >= 0) {
      return Optional.of(window.on(images[2], images[3]));
    }
    boolean alikeForAllSizes = Arrays.equals(window.stride(), NO_STRIDE);
    return alikeForAllSizes ? Optional.of(window.on(1, 1)) : Optional.empty();
  }

  IllegalArgumentException sizesNeeded(String what) {
    return new IllegalArgumentException(
        "Vertex \"%s\" %s, which ONNX needs sizes for: give the types of the network's inputs"
            .formatted(vertex, what));
  }

  private AttributeProto kernel() {
    return integers("kernel_shape", window.kernel());
  }

  private AttributeProto strides() {
    return integers("strides", window.stride());
  }

  private static AttributeProto padding(Window explicit) {
    return padding(explicit.before(), explicit.after());
  }

  private static AttributeProto padding(long[] before, long... after) {
    return integers("pads", before[0], before[1], after[0], after[1]);
  }
}
