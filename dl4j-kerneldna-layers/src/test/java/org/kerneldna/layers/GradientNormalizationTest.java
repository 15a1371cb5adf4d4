package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.kerneldna.layers.Nets.child;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.samediff.SameDiffKernelDNAConvolution;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Gradient normalisation and clipping neither change running statistics nor count them, nor what
 * does not learn.
 */
class GradientNormalizationTest {

  private static final double THRESHOLD = 1e-3;

  private static Stream<Arguments> cases() {
    Map<String, Supplier<Layer>> layers = new LinkedHashMap<>();
    layers.put("BatchNorm", () -> new BatchNorm.Builder().build());
    layers.put("SqueezeExcitation", () -> new SqueezeExcitation.Builder().ratio(2).build());
    layers.put("KernelDNAConvolution", () -> child().build());
    layers.put("frozen kernel", GradientNormalizationTest::frozenKernel);
    layers.put(
        "SameDiffKernelDNAConvolution",
        () -> new SameDiffKernelDNAConvolution.Builder(child().build()).build());
    return layers.entrySet().stream()
        .flatMap(
            layer ->
                Stream.of(GradientNormalization.values())
                    .map(kind -> arguments(Named.of(layer.getKey(), layer.getValue()), kind)));
  }

  private static Layer frozenKernel() {
    KernelDNAConvolution convolution = child().hasBias(true).build();
    convolution.setFrozenKernel(true);
    return convolution;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isOfWhatLearns(Supplier<Layer> layer, GradientNormalization kind) {
    Map<String, INDArray> plain = step(layer.get(), GradientNormalization.None);
    Map<String, INDArray> actual = step(layer.get(), kind);
    Map<String, INDArray> learned = new LinkedHashMap<>(plain);
    learned.keySet().removeIf(Nets::isStatistic);
    double ofLayer = norm(learned.values().toArray(INDArray[]::new));
    plain.forEach(
        (name, change) -> {
          INDArray expected = change;
          if (!Nets.isStatistic(name)) {
            expected =
                switch (kind) {
                  case None -> change;
                  case RenormalizeL2PerLayer -> change.div(ofLayer);
                  case RenormalizeL2PerParamType -> change.div(Math.max(norm(change), 1e-300));
                  case ClipElementWiseAbsoluteValue -> clipped(change);
                  case ClipL2PerLayer -> change.mul(Math.min(1, THRESHOLD / ofLayer));
                  case ClipL2PerParamType ->
                      change.mul(Math.min(1, THRESHOLD / Math.max(norm(change), 1e-300)));
                };
          }
          assertThat(actual.get(name).equalsWithEps(expected, 1e-9)).as(name).isTrue();
        });
  }

  private static INDArray clipped(INDArray change) {
    double[] values = change.dup('c').data().asDouble();
    INDArray out = change.dup('c');
    for (int i = 0; i < values.length; i++) {
      out.data().put(i, Math.max(-THRESHOLD, Math.min(THRESHOLD, values[i])));
    }
    return out;
  }

  private static double norm(INDArray... arrays) {
    return Math.sqrt(
        Stream.of(arrays).mapToDouble(a -> Math.pow(a.norm2Number().doubleValue(), 2)).sum());
  }

  /** What a step of SGD at learning rate 1 subtracts from the layer's parameters. */
  private static Map<String, INDArray> step(Layer layer, GradientNormalization kind) {
    ComputationGraph net =
        Nets.randomized(
            Nets.graph(
                    Nets.options(DataType.DOUBLE)
                        .gradientNormalization(kind)
                        .gradientNormalizationThreshold(THRESHOLD),
                    CNN2DFormat.NCHW)
                .addLayer("layer", layer, "in")
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "layer")
                .addLayer("out", Nets.output().build(), "pool")
                .setOutputs("out")
                .build());
    for (String mean : List.of("layer_mean", "layer_gateMean")) {
      if (net.paramTable().containsKey(mean) && !(layer instanceof SameDiffLayer)) {
        net.getParam(mean).assign(10); // Where the change is large, and would count.
      }
    }
    DataSet data = Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, 5);
    Map<String, INDArray> before = net.clone().paramTable();
    net.fit(data);
    Map<String, INDArray> changes = new LinkedHashMap<>();
    net.getLayer("layer")
        .paramTable()
        .keySet()
        .forEach(
            key -> {
              String name = "layer_" + key;
              changes.put(name, before.get(name).sub(net.getParam(name)));
            });
    return changes;
  }
}
