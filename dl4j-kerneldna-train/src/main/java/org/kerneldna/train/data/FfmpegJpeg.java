package org.kerneldna.train.data;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_flush_buffers;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GRAY8;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ411P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ440P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.javacpp.BytePointer;

/**
 * JPEG by FFmpeg, as it is stored: a plane of luma and two of chroma, which are often smaller.
 * Twice as fast as decoding to RGB, and a little less exact. For one thread; its memory is not
 * given back.
 */
final class FfmpegJpeg {

  /** Those whose three planes are what JPEG calls Y, Cb and Cr, and grey. */
  private static final Set<Integer> FORMATS =
      Set.of(
          AV_PIX_FMT_GRAY8,
          AV_PIX_FMT_YUVJ420P,
          AV_PIX_FMT_YUVJ422P,
          AV_PIX_FMT_YUVJ440P,
          AV_PIX_FMT_YUVJ411P,
          AV_PIX_FMT_YUVJ444P);

  private final AVCodecContext codec;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private AVPixFmtDescriptor format;

  /**
   * @param maxPixels of an image, whatever a file's headers tell
   */
  FfmpegJpeg(long maxPixels) {
    av_log_set_level(AV_LOG_QUIET);
    AVCodec mjpeg = avcodec_find_decoder(AV_CODEC_ID_MJPEG);
    codec = avcodec_alloc_context3(mjpeg);
    codec.thread_count(1);
    codec.max_pixels(maxPixels);
    if (avcodec_open2(codec, mjpeg, (AVDictionary) null) < 0) {
      throw new IllegalStateException("FFmpeg does not decode JPEG");
    }
  }

  /**
   * Decodes the upper rows of a file.
   *
   * @param rows how many are needed; all are decoded where the file does not store them in order
   * @return whether it could be decoded; if not, another decoder may be able to
   */
  boolean decode(byte[] bytes, JpegHeader header, int rows) {
    send(bytes, header, rows);
    if (avcodec_send_packet(codec, packet) < 0 || avcodec_receive_frame(codec, frame) < 0) {
      avcodec_flush_buffers(codec);
      return false;
    }
    format = av_pix_fmt_desc_get(frame.format());
    return FORMATS.contains(frame.format())
        && frame.width() == header.width()
        && frame.height() >= rows;
  }

  private void send(byte[] bytes, JpegHeader header, int rows) {
    av_packet_unref(packet);
    if (av_new_packet(packet, bytes.length) < 0) {
      throw new IllegalStateException("no memory for a file of " + bytes.length + " bytes");
    }
    BytePointer file = packet.data();
    file.put(bytes, 0, bytes.length);
    if (header.sequential()) {
      // What the file says its height is, is what is decoded.
      file.put(header.heightAt(), (byte) (rows >> 8));
      file.put(header.heightAt() + 1L, (byte) rows);
    }
  }

  /** 1 or 3. */
  int planes() {
    return format.nb_components();
  }

  /** By which power of two a plane is narrower than the image. */
  int widthShift(int plane) {
    return plane == 0 ? 0 : format.log2_chroma_w();
  }

  /** By which power of two a plane is lower than the image. */
  int heightShift(int plane) {
    return plane == 0 ? 0 : format.log2_chroma_h();
  }

  /** FFmpeg's number of the format. */
  int format() {
    return frame.format();
  }

  /** A plane's first sample. */
  BytePointer plane(int plane) {
    return frame.data(plane);
  }

  /** Bytes from a plane's row to the next. */
  int stride(int plane) {
    return frame.linesize(plane);
  }
}
