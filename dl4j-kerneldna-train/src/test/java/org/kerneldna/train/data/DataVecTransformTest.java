package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.bytedeco.javacv.OpenCVFrameConverter;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.datavec.api.io.labels.ParentPathLabelGenerator;
import org.datavec.api.split.FileSplit;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.image.data.ImageWritable;
import org.datavec.image.recordreader.ImageRecordReader;
import org.datavec.image.transform.PipelineImageTransform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.TestImages;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

class DataVecTransformTest {

  private static final int SIZE = 64;

  @TempDir Path root;

  private byte[] file(String name) throws Exception {
    byte[] file = TestImages.resource(getClass(), name);
    Files.createDirectories(root.resolve("a"));
    Files.write(root.resolve("a/" + name), file);
    return file;
  }

  private INDArray read(org.datavec.image.transform.ImageTransform transform) throws Exception {
    try (var reader = new ImageRecordReader(SIZE, SIZE, 3, new ParentPathLabelGenerator())) {
      reader.initialize(new FileSplit(root.toFile()), transform);
      return ((NDArrayWritable) reader.next().get(0)).get();
    }
  }

  @Test
  void datavecReadsWhatEvaluationReads() throws Exception {
    byte[] file = file("astronaut.jpg");
    var transform =
        new PipelineImageTransform(
            new DataVecTransform(new Resize(80).then(new CenterCrop(SIZE)), 0),
            new DataVecNormalization(Normalization.IMAGENET));
    INDArray expected =
        new Preprocessing(new Resize(80).then(new CenterCrop(SIZE)), Normalization.IMAGENET)
            .apply(file, new Random(0));
    INDArray read = read(transform);
    // DataVec's arrays have channels B, G, R.
    for (int channel = 0; channel < 3; channel++) {
      INDArray difference =
          Transforms.abs(read.slice(0).slice(channel).sub(expected.slice(0).slice(2 - channel)));
      assertThat(difference.maxNumber().doubleValue()).isLessThan(1e-5);
    }
  }

  @Test
  void datavecsChanceDecides() throws Exception {
    byte[] file = file("grayscale.jpg");
    RandomResizedCrop crop = new RandomResizedCrop(SIZE);
    RgbImage expected = crop.apply(ImageDecoder.decode(file), new Random(5));
    INDArray read = read(new DataVecTransform(crop, 5));
    assertThat(read.getInt(0, 0, 10, 20)).isEqualTo(expected.sample(20, 10, 2));
    assertThat(read.getInt(0, 2, 63, 0)).isEqualTo(expected.sample(0, 63, 0));
  }

  @Test
  void sixteenBitsAreRefused() {
    Mat deep = new Mat(4, 4, opencv_core.CV_16UC3);
    ImageWritable image = new ImageWritable(new OpenCVFrameConverter.ToMat().convert(deep));
    assertThatThrownBy(() -> new DataVecTransform(new RandomFlip(), 0).transform(image))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give one or three channels of 8 bits");
  }
}
