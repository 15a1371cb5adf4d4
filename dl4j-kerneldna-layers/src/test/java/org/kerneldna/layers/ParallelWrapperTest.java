package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** DL4J's data parallel training of a graph that shares a kernel. */
class ParallelWrapperTest {

  @Test
  void twoWorkersTrainTheSharedKernel() throws Exception {
    ComputationGraph net =
        Nets.init(
            Nets.shared(
                Nets.options(DataType.FLOAT).updater(new MomentumSgd(0.1, 0.9)), CNN2DFormat.NCHW));
    DataSet data = Nets.labelled(DataType.FLOAT, CNN2DFormat.NCHW, 6);
    INDArray kernel = net.getParam("middle-kernel_W").dup();
    double loss = net.score(data);

    try (ParallelWrapper wrapper =
        new ParallelWrapper.Builder<>(net).workers(2).averagingFrequency(1).build()) {
      wrapper.fit(new ExistingDataSetIterator(Collections.nCopies(40, data)));
    }

    assertThat(net.score(data)).isLessThan(loss / 2);
    assertThat(net.getParam("middle-kernel_W")).isNotEqualTo(kernel);
  }
}
