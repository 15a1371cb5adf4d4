package org.kerneldna.zoo.pretrained;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import org.deeplearning4j.zoo.PretrainedType;

/**
 * An entry of the {@link Catalogue}: weights of one network.
 *
 * @param model class of the zoo, by its simple name
 * @param width factor of the network's channel counts; 1 where the catalogue leaves it out
 * @param type what they were trained on
 * @param url where they are: {@code https:}, {@code http:}, {@code file:} or a path, which starts
 *     at the catalogue's folder. A checkpoint of PyTorch's, safetensors, or a graph that DL4J saved
 * @param sha256 the file's checksum in hexadecimal digits, or its beginning, at least 8 digits, as
 *     PyTorch's file names carry it
 * @param source where they come from, for people
 */
public record PretrainedWeights(
    String model, Double width, PretrainedType type, URI url, String sha256, String source) {

  private static final String CHECKSUM = "[0-9a-f]{8,64}";
  private static final int DIGITS_IN_NAME = 8;

  /**
   * @throws IllegalArgumentException if anything but width and source is missing, or the checksum
   *     is none
   */
  public PretrainedWeights {
    width = width == null ? 1 : width;
    require(model != null, "\"model\" is missing");
    require(type != null, "\"type\" of " + model + " is missing");
    require(url != null, "\"url\" of " + model + " is missing");
    require(
        url.getScheme() == null
            || WeightsAddress.SCHEMES.contains(url.getScheme().toLowerCase(Locale.ROOT)),
        "\"url\" of " + model + " must be https:, http:, file: or a path, got \"" + url + "\"");
    sha256 = sha256 == null ? "" : sha256.toLowerCase(Locale.ROOT);
    require(
        sha256.matches(CHECKSUM),
        "\"sha256\" of " + model + " must be 8 to 64 hexadecimal digits, got \"" + sha256 + "\"");
  }

  /** An entry as it stands in a catalogue, with the address as people write it. */
  @JsonCreator
  static PretrainedWeights of(
      @JsonProperty("model") String model,
      @JsonProperty("width") Double width,
      @JsonProperty("type") PretrainedType type,
      @JsonProperty("url") String url,
      @JsonProperty("sha256") String sha256,
      @JsonProperty("source") String source) {
    URI address = url == null ? null : WeightsAddress.parse(url);
    return new PretrainedWeights(model, width, type, address, sha256, source);
  }

  /** The same, with a path that starts at {@code folder} made absolute. */
  PretrainedWeights in(Path folder) {
    URI absolute =
        url.getScheme() == null ? folder.resolve(url.getPath()).normalize().toUri() : url;
    return new PretrainedWeights(model, width, type, absolute, sha256, source);
  }

  boolean isOf(String model, double width, PretrainedType type) {
    return this.model.equals(model) && this.width == width && this.type == type;
  }

  /**
   * The file's name in the cache. It has the checksum's first digits, as PyTorch's names do, since
   * files of many places share a name such as {@code model.safetensors}.
   */
  String fileName() {
    String path = url.getPath();
    String name = path.substring(path.lastIndexOf('/') + 1).replaceAll("[\\p{C}\\\\:*?\"<>|]", "_");
    String digits = sha256.substring(0, DIGITS_IN_NAME);
    return name.contains(digits) ? name : digits + "-" + name;
  }

  boolean isRemote() {
    return !"file".equalsIgnoreCase(url.getScheme());
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
