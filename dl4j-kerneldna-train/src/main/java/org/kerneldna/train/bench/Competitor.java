package org.kerneldna.train.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import lombok.Getter;
import org.kerneldna.layers.natives.LayerHelpers;

/** Whose speed is compared. */
public enum Competitor {
  /** The static network of DL4J's own layers, without its layer helpers: DL4J as it comes. */
  STOCK("DL4J", 5),
  /** The same with oneDNN layer helpers, see {@link LayerHelpers}. */
  STOCK_ONEDNN("DL4J+oneDNN", 1),
  /** The same, channels last; all others have them first. */
  STOCK_ONEDNN_NHWC("DL4J+oneDNN NHWC", 1),
  /** The static network of this library's layers. */
  STATIC("static", 1),
  /** The network with KernelDNA. */
  KERNELDNA("KernelDNA", 1),
  /** The static network, compiled for inference. */
  COMPILED_STATIC("compiled static", 1),
  /** The network with KernelDNA, compiled for inference. */
  COMPILED_KERNELDNA("compiled KernelDNA", 1),
  /** The static network in ONNX Runtime, for inference. */
  ONNX_STATIC("ONNX Runtime static", 1),
  /** The network with KernelDNA in ONNX Runtime, for inference. */
  ONNX_KERNELDNA("ONNX Runtime KernelDNA", 1);

  /** What {@link BenchResult#timeRatio} is relative to. */
  static final Competitor REFERENCE = STOCK_ONEDNN;

  private final String title;

  /** Of how many rounds it takes part in one: the slow one holds up all others. */
  @Getter private final int every;

  Competitor(String title, int every) {
    this.title = title;
    this.every = every;
  }

  /** The same without KernelDNA; itself if it has none. */
  public Competitor staticTwin() {
    return switch (this) {
      case KERNELDNA -> STATIC;
      case COMPILED_KERNELDNA -> COMPILED_STATIC;
      case ONNX_KERNELDNA -> ONNX_STATIC;
      default -> this;
    };
  }

  /** The same network in ONNX Runtime. */
  public Competitor onnxTwin() {
    return this == staticTwin() ? ONNX_STATIC : ONNX_KERNELDNA;
  }

  /** The name for people. */
  @JsonValue
  @Override
  public String toString() {
    return title;
  }
}
