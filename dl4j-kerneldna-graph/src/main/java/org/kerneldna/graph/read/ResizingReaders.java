package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Upsample;

/** Layers that change the size of images and learn nothing. */
final class ResizingReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(ZeroPaddingLayer.class, (conf, r) -> add(pad(conf), conf.getDataFormat(), r))
        .add(Cropping2D.class, ResizingReaders::crop)
        .add(
            Upsampling2D.class,
            (conf, r) ->
                add(new Upsample(conf.getSize()[0], conf.getSize()[1]), conf.getFormat(), r))
        .add(
            SpaceToDepthLayer.class,
            (conf, r) -> add(new SpaceToDepth(conf.getBlockSize()), conf.getDataFormat(), r));
  }

  private static void add(Operation op, CNN2DFormat format, Reading r) {
    r.gives(r.add("resized", op, r.images(0, format)), format);
  }

  private static Pad pad(ZeroPaddingLayer conf) {
    int[] zeros = conf.getPadding();
    return new Pad(zeros[0], zeros[1], zeros[2], zeros[3]);
  }

  private static void crop(Cropping2D conf, Reading r) {
    int[] lines = conf.getCropping();
    String rows = r.add("rows", inner(2, lines[0], lines[1]), r.images(0, conf.getDataFormat()));
    r.gives(r.add("columns", inner(3, lines[2], lines[3]), rows), conf.getDataFormat());
  }

  /** All but some at both ends. */
  private static Slice inner(int axis, long first, long last) {
    return new Slice(axis, first, last == 0 ? Slice.END : -last);
  }
}
