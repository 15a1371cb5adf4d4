package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.graph.Shapes.UNKNOWN;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Operation.Slice;

class ShapesTest {

  private static final long N = -2;
  private static final long H = -3;
  private static final long W = -4;

  @Test
  void sizesThatPassStayWhatTheyAre() {
    assertThat(of(new Reshape(0, -1), N, 3, 4, 5)).containsExactly(N, 60);
    assertThat(of(new Reshape(-1, 3, 4, 5), N, 60)).containsExactly(N, 3, 4, 5);
    assertThat(of(new Reshape(0, 0, -1), N, 3, H, 1)).containsExactly(N, 3, H);
    assertThat(of(new Slice(2, 0, Slice.END), N, 3, H, W)).containsExactly(N, 3, H, W);
    assertThat(of(new Arithmetic(Arithmetic.Kind.ADD), N, 3, H, W)).containsExactly(N, 3, H, W);
    assertThat(of(new Concat(1), N, 3, H, W)).containsExactly(N, 6, H, W);
  }

  @Test
  void whatIsComputedFromUnknownSizesIsUnknown() {
    assertThat(of(new Reshape(0, -1), N, 3, H, W)).containsExactly(N, UNKNOWN);
    assertThat(of(new Reshape(-1, 3), N, 3, H)).containsExactly(UNKNOWN, 3);
    assertThat(of(new Reshape(-1, 10), N, 5)).containsExactly(UNKNOWN, 10);
    assertThat(of(new Slice(2, 1, Slice.END), N, 3, H, 5)).containsExactly(N, 3, UNKNOWN, 5);
    assertThat(of(new Concat(2), N, 3, H, W)).containsExactly(N, 3, UNKNOWN, W);
  }

  @Test
  void unknownChannelsFitAndKnownOnesMustFit() {
    Node kernel = new Node("k", new Parameter(Role.LEARNED, null, 8, 3, 3, 3), List.of(), "y");
    Window window = Window.same(new long[] {3, 3}, new long[] {2, 2}, 1, 1);
    Node conv = new Node("y", new Convolution(window, 1, false), List.of("x", "k"), "y");
    Program program = new Program(List.of("x"), List.of(kernel, conv), List.of("y"));
    assertThat(Shapes.of(program, null, new long[] {N, -5, H, 7}).get("y"))
        .containsExactly(N, 8, UNKNOWN, 4);
    assertThatThrownBy(() -> Shapes.of(program, null, new long[] {N, 4, H, W}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"y\" takes 3 channels, got shape [?, 4, ?, ?]");
  }

  /** The shape of what an operation makes of one input, or of that twice. */
  private static long[] of(Operation op, long... input) {
    Node node = new Node("y", op, List.of("x", "x"), "y");
    Program program = new Program(List.of("x"), List.of(node), List.of("y"));
    return Shapes.of(program, null, input).get("y");
  }
}
