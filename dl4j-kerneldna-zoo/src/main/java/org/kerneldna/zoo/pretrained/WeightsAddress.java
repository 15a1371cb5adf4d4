package org.kerneldna.zoo.pretrained;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lombok.experimental.UtilityClass;

/** Addresses as people write them: with spaces, umlauts and signs that a URL spells otherwise. */
@UtilityClass
class WeightsAddress {

  static final Set<String> SCHEMES = Set.of("https", "http", "file");

  private static final Pattern URL = Pattern.compile("(?i)(https?|file):.*");
  private static final Pattern FILE_URL = Pattern.compile("(?i)file:.*");
  private static final Pattern NO_ESCAPE = Pattern.compile("%(?!\\p{XDigit}{2})");
  private static final Pattern NOT_IN_URLS = Pattern.compile("[\\s\"<>\\\\^`{|}]|[^\\p{ASCII}]+");
  private static final Pattern NOT_IN_FILE_URLS = Pattern.compile("[#?]");

  /**
   * An entry of a catalogue.
   *
   * @param text a URL of one of {@link #SCHEMES}, else a path, whose every character is meant as it
   *     is
   * @return ASCII only; without a scheme where it is a path
   * @throws IllegalArgumentException if it is none of these
   */
  URI parse(String text) {
    if (FILE_URL.matcher(text).matches()) {
      return reference(NOT_IN_FILE_URLS.matcher(text).replaceAll(WeightsAddress::escaped));
    }
    return URL.matcher(text).matches() ? reference(text) : path(text);
  }

  /**
   * A URL, or a part of one that starts elsewhere, as servers send them.
   *
   * @throws IllegalArgumentException if it is none
   */
  URI reference(String text) {
    String escaped = NO_ESCAPE.matcher(text).replaceAll("%25");
    return URI.create(NOT_IN_URLS.matcher(escaped).replaceAll(WeightsAddress::escaped));
  }

  private URI path(String text) {
    try {
      // "./" keeps a colon from being taken for the end of a scheme.
      String path = text.startsWith("/") ? text : "./" + text;
      return URI.create(new URI(null, null, path, null).toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private String escaped(MatchResult match) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : match.group().getBytes(StandardCharsets.UTF_8)) {
      escaped.append("%%%02X".formatted(b));
    }
    return escaped.toString();
  }
}
