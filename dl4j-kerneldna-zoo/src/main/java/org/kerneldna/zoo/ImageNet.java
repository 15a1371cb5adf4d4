package org.kerneldna.zoo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lombok.experimental.UtilityClass;

/**
 * The 1000 classes of ImageNet-1K (ILSVRC 2012). A class is a WordNet id such as {@code n02099601},
 * which is what the folder of its training images is called; the order of the ids is that of the
 * labels.
 */
@UtilityClass
public class ImageNet {

  private static final String RESOURCE = "/org/kerneldna/zoo/imagenet-classes.tsv";

  /** English names by WordNet id, in the order of labels. */
  private static final Map<String, String> NAMES = read();

  private static final List<String> CLASSES = List.copyOf(NAMES.keySet());

  /** The WordNet ids; a class's index is its label. */
  public List<String> classes() {
    return CLASSES;
  }

  /**
   * The English name of a class, for example {@code golden retriever}, as torchvision writes it. No
   * two classes share one.
   *
   * @param wnid WordNet id, for example {@code n02099601}
   * @throws IllegalArgumentException if ImageNet-1K has no such class
   */
  public String name(String wnid) {
    String name = NAMES.get(wnid);
    if (name == null) {
      throw new IllegalArgumentException("\"" + wnid + "\" is no class of ImageNet-1K");
    }
    return name;
  }

  private Map<String, String> read() {
    Map<String, String> names = new LinkedHashMap<>();
    try (InputStream file = ImageNet.class.getResourceAsStream(RESOURCE)) {
      new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t"))
          .forEach(columns -> names.put(columns[0], columns[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }
}
