package org.kerneldna.inference.onnx;

import static org.kerneldna.inference.onnx.OnnxGraph.number;

import java.util.List;
import lombok.RequiredArgsConstructor;
import org.kerneldna.graph.Nonlinearity;

/** An elementwise function as nodes of an ONNX graph, the last of which goes by a certain name. */
@RequiredArgsConstructor
final class OnnxFunction {

  private final OnnxGraph graph;
  private final String name;

  /** Adds the function of {@code x}. */
  String of(String x, Nonlinearity act) {
    double alpha = act.alpha();
    double beta = act.beta();
    return switch (act.function()) {
      case IDENTITY -> last("Identity", x);
      case LINEAR -> last("Add", scaled(x, alpha), scalar("offset", beta));
      case RELU ->
          alpha == 0
              ? last("Relu", x)
              : graph.node("LeakyRelu", name, List.of(x), number("alpha", alpha));
      case CLIP -> last("Clip", x, scalar("min", alpha), scalar("max", beta));
      case ELU -> graph.node("Elu", name, List.of(x), number("alpha", alpha));
      case SIGMOID -> last("Sigmoid", x);
      case TANH -> last("Tanh", x);
      case GELU -> gelu(x);
      case GELU_TANH -> geluByTanh(x);
      case SOFTPLUS -> last("Softplus", x);
      case SWISH -> last("Mul", x, part("sigmoid", "Sigmoid", scaled(x, alpha)));
      case MISH -> last("Mul", x, part("tanh", "Tanh", part("softplus", "Softplus", x)));
      case EXP -> last("Exp", x);
      case ABS -> last("Abs", x);
      case POWER -> last("Mul", part("power", "Pow", x, scalar("exponent", beta)), factor(alpha));
    };
  }

  /** {@code x * (1 + erf(x / sqrt(2))) * 0.5}, the form that runtimes know as the exact GELU. */
  private String gelu(String x) {
    String erf = part("erf", "Erf", part("scaled", "Div", x, scalar("root", Math.sqrt(2))));
    return half(x, erf);
  }

  /** {@code x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) * 0.5}. */
  private String geluByTanh(String x) {
    String cube = part("cube", "Pow", x, scalar("three", 3));
    String small = part("small", "Mul", cube, scalar("cubic", 0.044715));
    String sum = part("inner", "Add", x, small);
    String scaled = part("scaled", "Mul", sum, scalar("root", Math.sqrt(2 / Math.PI)));
    return half(x, part("tanh", "Tanh", scaled));
  }

  private String half(String x, String share) {
    String twice = part("twice", "Add", share, scalar("one", 1));
    return last("Mul", part("product", "Mul", x, twice), scalar("half", 0.5));
  }

  private String scaled(String x, double factor) {
    return factor == 1 ? x : part("scaled", "Mul", x, factor(factor));
  }

  private String factor(double value) {
    return scalar("factor", value);
  }

  private String scalar(String what, double value) {
    return graph.scalar(name + ":" + what, value);
  }

  private String part(String what, String operator, String... inputs) {
    return graph.node(operator, graph.unused(name + ":" + what), List.of(inputs));
  }

  private String last(String operator, String... inputs) {
    return graph.node(operator, name, List.of(inputs));
  }
}
