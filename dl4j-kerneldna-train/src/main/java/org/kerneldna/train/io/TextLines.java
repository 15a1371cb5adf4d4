package org.kerneldna.train.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import lombok.experimental.UtilityClass;

/** Text files in UTF-8, with or without a byte order mark, with any ends of lines. */
@UtilityClass
public class TextLines {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** Takes one line after the other. */
  @FunctionalInterface
  public interface Reader {

    /**
     * @param number of the line, from 1
     */
    void read(int number, String line);
  }

  /**
   * Reads a file to its end.
   *
   * @throws InputException if the file cannot be read, or naming the first line that is not UTF-8
   */
  public void read(Path file, Reader reader) {
    // Latin-1 gives every byte as a character, so that the line that is wrong can be told.
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        String text = decode(line, file, number);
        reader.read(
            number, number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
      }
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
  }

  private String decode(String line, Path file, int number) {
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new InputException(
          "line %d of %s is not UTF-8: save the file as UTF-8".formatted(number, file), e);
    }
  }
}
