package org.kerneldna.train.data;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set_int;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_init_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import java.util.Locale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Antialiased bilinear resampling by FFmpeg: luma and chroma as they are stored, each to the size
 * of the result; of grey images chroma is without colour. What {@link Bilinear} gives differs by a
 * quarter of a level in the mean. For one thread; its memory is not given back.
 */
final class FfmpegScaler {

  /** FFmpeg reads so many pointers, though here there are three at most. */
  private static final long PLANES = 4;

  /** FFmpeg's unit for where chroma lies: a pixel has so many. */
  private static final int PIXEL = 256;

  /** An option of FFmpeg's scaler, whose name is handed over as it is for every image. */
  private enum Option {
    SWS_FLAGS,
    SRCW,
    SRCH,
    SRC_FORMAT,
    SRC_H_CHR_POS,
    SRC_V_CHR_POS,
    DSTW,
    DSTH,
    DST_FORMAT;

    private final BytePointer nativeName = new BytePointer(name().toLowerCase(Locale.ROOT));

    void set(SwsContext context, int value) {
      av_opt_set_int(context, nativeName, value, 0);
    }
  }

  private final PointerPointer<BytePointer> from = new PointerPointer<>(PLANES);
  private final IntPointer fromStrides = new IntPointer(PLANES);
  private final PointerPointer<BytePointer> to = new PointerPointer<>(PLANES);
  private final IntPointer toStrides = new IntPointer(PLANES);

  /**
   * Resamples a part.
   *
   * @param box lies within the image
   * @return whether FFmpeg can do it
   */
  boolean scale(FfmpegJpeg image, Box box, YCbCr result) {
    for (int plane = 0; plane < image.planes(); plane++) {
      long row = box.top() >> image.heightShift(plane);
      long column = box.left() >> image.widthShift(plane);
      from.put(plane, image.plane(plane).position(row * image.stride(plane) + column));
      fromStrides.put(plane, image.stride(plane));
    }
    for (int plane = 0; plane < YCbCr.PLANES; plane++) {
      to.put(plane, result.plane(plane));
      toStrides.put(plane, result.stride());
    }
    SwsContext context = context(image, box, result.size());
    try {
      return sws_init_context(context, null, null) >= 0
          && sws_scale(context, from, fromStrides, 0, box.height(), to, toStrides) == result.size();
    } finally {
      sws_freeContext(context);
    }
  }

  private static SwsContext context(FfmpegJpeg image, Box box, int size) {
    SwsContext context = sws_alloc_context();
    Option.SWS_FLAGS.set(context, SWS_BILINEAR);
    Option.SRCW.set(context, box.width());
    Option.SRCH.set(context, box.height());
    Option.SRC_FORMAT.set(context, image.format());
    Option.DSTW.set(context, size);
    Option.DSTH.set(context, size);
    Option.DST_FORMAT.set(context, AV_PIX_FMT_YUVJ444P);
    if (image.planes() > 1) {
      Option.SRC_H_CHR_POS.set(context, chroma(image.widthShift(1), box.left(), box.width()));
      Option.SRC_V_CHR_POS.set(context, chroma(image.heightShift(1), box.top(), box.height()));
    }
    return context;
  }

  /**
   * Where the first sample of chroma lies from a part's first pixel on. JPEG has it amid its
   * pixels. FFmpeg takes the part for one of whole samples; what it has too much is divided among
   * both ends.
   */
  private static int chroma(int shift, int first, int length) {
    int pixels = 1 << shift;
    int beyond = Math.floorMod(-length, pixels);
    return PIXEL * (pixels - 1 + beyond) / 2 - PIXEL * (first % pixels);
  }
}
