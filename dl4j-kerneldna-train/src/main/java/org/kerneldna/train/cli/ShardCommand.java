package org.kerneldna.train.cli;

import java.nio.file.Path;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImageSource;
import org.kerneldna.train.data.ImageStream;
import org.kerneldna.train.data.ShardWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Packs images into tar files. */
@Command(
    name = "shard",
    description = {
      "Pack images into tar files that are read from the beginning to the end.",
      "Training images are shuffled. The layout is that of WebDataset."
    })
final class ShardCommand implements Runnable {

  private static final long SEED = 0;

  @Parameters(
      paramLabel = "DATA",
      description = "Images as 'train' takes them: DATA/train/<class>/* and DATA/val/<class>/*.")
  private Path data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for train/*.tar and val/*.tar.")
  private Path out;

  @Option(
      names = "--shard-size",
      paramLabel = "N",
      defaultValue = "1000",
      converter = Numbers.Positive.class,
      description = "Images a tar file.")
  private int shardSize;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    ImageDataset images = ImageDataset.open(data);
    write(images.train(), images.train().shuffled(SEED), out.resolve("train"));
    write(images.val(), images.val().inOrder(), out.resolve("val"));
  }

  private void write(ImageSource source, ImageStream images, Path folder) {
    try (images) {
      int shards = ShardWriter.write(source, images, folder, shardSize);
      spec.commandLine()
          .getOut()
          .printf("%s: %,d images in %,d tar files%n", folder, source.size(), shards);
    }
  }
}
