package org.kerneldna.sweep.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import lombok.RequiredArgsConstructor;
import org.kerneldna.sweep.JsonLines;
import org.kerneldna.sweep.SweepListener;
import org.kerneldna.sweep.journal.Event.Started;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.train.io.AtomicFile;

/**
 * Writes {@value #CSV}, a row a candidate, and {@value #HTML}, a page that needs nothing else,
 * whenever there is something new.
 */
@RequiredArgsConstructor
public final class SweepReport implements SweepListener {

  /** Name of the page. */
  public static final String HTML = "report.html";

  /** Name of the table. */
  public static final String CSV = "results.csv";

  private static final String DATA = "{{data}}";

  private final Path folder;

  @Override
  public void changed(History history) {
    if (!(history.last() instanceof Started)) {
      write(history);
    }
  }

  /** Writes both files. */
  public void write(History history) {
    AtomicFile.write(
        folder.resolve(CSV), temporary -> Files.writeString(temporary, ResultsCsv.of(history)));
    AtomicFile.write(
        folder.resolve(HTML), temporary -> Files.writeString(temporary, html(history)));
  }

  private static String html(History history) {
    // Inside of HTML a script ends at the first "</".
    String data = JsonLines.write(ReportData.of(history)).replace("<", "\\u003c");
    return template().replace(DATA, data);
  }

  private static String template() {
    try (InputStream page = SweepReport.class.getResourceAsStream(HTML)) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
