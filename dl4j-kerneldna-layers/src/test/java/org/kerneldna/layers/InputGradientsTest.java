package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.CHANNELS;

import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class InputGradientsTest {

  /** Every geometry, layout and type trains as it did with the gradient of the images. */
  @ParameterizedTest
  @CsvSource(
      useHeadersInDisplayName = true,
      textBlock =
          """
          KERNEL, STRIDE, PADDING, DILATION, MODE
          1,      1,      0,       1,        Same
          1,      2,      0,       1,        Truncate
          2,      2,      0,       1,        Truncate
          3,      1,      0,       1,        Same
          3,      2,      0,       1,        Same
          3,      2,      1,       1,        Truncate
          3,      1,      2,       2,        Truncate
          5,      3,      4,       1,        Truncate
          2,      3,      0,       1,        Same
          """)
  void changesNothingElse(int kernel, int stride, int padding, int dilation, ConvolutionMode mode) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      for (CNN2DFormat format : CNN2DFormat.values()) {
        Convolution first =
            new Convolution.Builder(kernel, kernel)
                .stride(stride, stride)
                .padding(padding, padding)
                .dilation(dilation, dilation)
                .convolutionMode(mode)
                .nOut(5)
                .activation(Activation.TANH)
                .build();
        GraphBuilder conf = Nets.graph(Nets.options(type), format).addLayer("first", first, "in");
        ComputationGraph net = classifier(conf, "first");
        ComputationGraph spared = net.clone();
        assertThat(InputGradients.skip(spared)).isOne();
        DataSet data = Nets.labelled(type, format, 3);
        Map<String, INDArray> expected = gradients(net, data);
        gradients(spared, data)
            .forEach(
                (name, gradient) ->
                    Nets.assertClose(
                        gradient, expected.get(name), type == DataType.FLOAT ? 1e-6 : 1e-12));
        spared.fit(data);
        net.fit(data);
        Nets.assertClose(spared.params(), net.params(), type == DataType.FLOAT ? 1e-6 : 1e-12);
      }
    }
  }

  /** DL4J adds the gradients that several layers give an input, and one may be another's. */
  @Test
  void leavesInputsThatOthersReadToo() {
    GraphBuilder conf =
        Nets.graph(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW)
            .addLayer("first", Nets.parent().build(), "in")
            .addLayer("stock", new ConvolutionLayer.Builder(3, 3).nOut(CHANNELS).build(), "in")
            .addVertex("both", new MergeVertex(), "first", "stock");
    ComputationGraph net = classifier(conf, "both");
    assertThat(InputGradients.skip(net)).isZero();
    net.fit(Nets.labelled(DataType.FLOAT, CNN2DFormat.NCHW, 3));
  }

  @Test
  void ofTwoConvolutions() {
    GraphBuilder conf =
        Nets.graph(Nets.options(DataType.DOUBLE), CNN2DFormat.NCHW)
            .addLayer("first", Nets.parent().build(), "in")
            .addLayer("second", Nets.parent().build(), "in")
            .addLayer("third", Nets.parent().build(), "second")
            .addVertex("both", new MergeVertex(), "first", "third");
    ComputationGraph net = classifier(conf, "both");
    ComputationGraph spared = net.clone();
    assertThat(InputGradients.skip(spared)).isEqualTo(2);
    DataSet data = Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, 3);
    net.fit(data);
    spared.fit(data);
    Nets.assertClose(spared.params(), net.params(), 1e-12);
  }

  /** A copy may be cut, or get other layers before its first. */
  @Test
  void isNotCopied() {
    ComputationGraph net =
        Nets.init(
            Nets.alone(Nets.parent().build(), Nets.options(DataType.FLOAT), CNN2DFormat.NCHW)
                .build());
    InputGradients.skip(net);
    assertThat(inputGradient(net)).isNull();
    assertThat(inputGradient(net.clone())).isNotNull();
  }

  private static INDArray inputGradient(ComputationGraph net) {
    INDArray x = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 2);
    net.initGradientsView();
    net.getLayer("layer").activate(x, true, LayerWorkspaceMgr.noWorkspaces());
    return net.getLayer("layer").backpropGradient(x, LayerWorkspaceMgr.noWorkspaces()).getSecond();
  }

  private static ComputationGraph classifier(GraphBuilder conf, String last) {
    return Nets.randomized(
        conf.addLayer("pool", new GlobalPoolingLayer(), last)
            .addLayer("out", Nets.output().build(), "pool")
            .setOutputs("out")
            .build());
  }

  private static Map<String, INDArray> gradients(ComputationGraph net, DataSet data) {
    net.setInputs(data.getFeatures());
    net.setLabels(data.getLabels());
    net.computeGradientAndScore();
    return net.gradient().gradientForVariable();
  }
}
