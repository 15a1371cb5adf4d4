package org.kerneldna.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.SqueezeExcitation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** The network of one recorded block, with the recorded parameters. Arrays in and out are NCHW. */
final class GoldenBlock extends ComputationGraph {

  private static final String INPUT = "input";

  private final StateDict stateDict;
  private final CNN2DFormat format;

  private GoldenBlock(ComputationGraphConfiguration conf, StateDict stateDict, CNN2DFormat format) {
    super(conf);
    this.stateDict = stateDict;
    this.format = format;
  }

  static GoldenBlock of(GoldenCase golden, DataType type, CNN2DFormat format, boolean frozen) {
    long[] shape = GoldenCase.longs(golden.json().get("input_shape"));
    ComputationGraphConfiguration.GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .dataType(type)
            .updater(new Sgd(1))
            .activation(Activation.IDENTITY)
            // Activations and their gradients stay readable.
            .trainingWorkspaceMode(WorkspaceMode.NONE)
            .inferenceWorkspaceMode(WorkspaceMode.NONE)
            .graphBuilder()
            .addInputs(INPUT)
            .setInputTypes(InputType.convolutional(shape[2], shape[3], shape[1], format));
    Modules modules = new Modules(graph, new DropPaths(0), frozen);
    Features input = new Features(INPUT, (int) shape[1]);
    graph.setOutputs(add(golden.json(), graph, modules, input, frozen).vertex());

    GoldenBlock block = new GoldenBlock(modules.build(), modules.stateDict(), format);
    block.init();
    golden
        .tensors("state")
        .forEach((name, tensor) -> block.stateDict.write(block, name, tensor.values()));
    return block;
  }

  private static Features add(
      JsonNode json,
      ComputationGraphConfiguration.GraphBuilder graph,
      Modules m,
      Features x,
      boolean frozen) {
    JsonNode c = json.get("constructor");
    String module = json.get("module").asText();
    return switch (module) {
      case "SE" -> {
        int ratio = c.get("rd_ratio").asInt();
        graph.addLayer(
            "gate",
            new SqueezeExcitation.Builder().ratio(ratio).frozenStatistics(frozen).build(),
            x.vertex());
        m.noteGate("gate", x.channels(), x.channels() / ratio);
        yield new Features("gate", x.channels());
      }
      case "resnet18.NewLayer" ->
          ResNetBlocks.basicCluster(m, x, c.get("planes").asInt(), c.get("stride").asInt());
      case "resnet50.NewLayer3" ->
          ResNetBlocks.bottleneckPairs(m, x, c.get("dim").asInt(), c.get("n").asInt());
      case "resnet50.NewLayer4" ->
          ResNetBlocks.bottleneckFamily(m, x, c.get("dim").asInt(), c.get("n_kids").asInt());
      case "mobilenet_v2.ShareCluster" ->
          MobileNetV2Blocks.cluster(
              m, x, c.get("oup").asInt(), c.get("stride").asInt(), c.get("n_kids").asInt());
      default -> throw new IllegalArgumentException(module);
    };
  }

  StateDict stateDict() {
    return stateDict;
  }

  /** Runs forward, and keeps what backward needs. */
  INDArray forward(boolean training, INDArray x) {
    INDArray[] inputs = {toLayout(x.castTo(getConfiguration().getDataType()))};
    String output = getConfiguration().getNetworkOutputs().get(0);
    return fromLayout(feedForward(inputs, training, false).get(output));
  }

  /** Runs backward from the gradient of the output, and returns that of the input. */
  INDArray backward(INDArray gradOutput) {
    INDArray epsilon = toLayout(gradOutput.castTo(getConfiguration().getDataType()));
    calcBackpropGradients(false, false, epsilon);
    return fromLayout(getVertex(INPUT).getEpsilon());
  }

  /** Turns the gradients of the last backward pass into what a step subtracts. */
  void update(int samples) {
    getUpdater().update(gradient(), 0, 0, samples, LayerWorkspaceMgr.noWorkspaces());
  }

  /** The gradient that the last backward pass gave the tensor called {@code name}. */
  INDArray gradient(String name) {
    return stateDict.read(StateDict.gradients(this), name);
  }

  private INDArray toLayout(INDArray nchw) {
    return format == CNN2DFormat.NCHW ? nchw : nchw.permute(0, 2, 3, 1).dup('c');
  }

  private INDArray fromLayout(INDArray x) {
    return format == CNN2DFormat.NCHW ? x : x.permute(0, 3, 1, 2).dup('c');
  }
}
