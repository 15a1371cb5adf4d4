package org.kerneldna.train.report;

import static java.util.stream.Collectors.joining;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.AtomicFile;

/** Text in HTML, and pages that need nothing beside them. */
@UtilityClass
class Html {

  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%1$s</title>
      <style>
      body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff;
             max-width: 1320px; margin: 0 auto; padding: 0 12px 24px; }
      h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin: 1em 0 0; }
      .charts { display: grid; gap: 8px 24px;
                grid-template-columns: repeat(auto-fit, minmax(min(100%%, 480px), 1fr)); }
      svg { width: 100%%; height: auto; display: block; }
      svg text { font-size: 12px; fill: #555; }
      svg polyline { stroke-width: 2; }
      svg .grid { stroke: #ddd; }
      pre, .wide { overflow-x: auto; }
      pre { background: #f5f5f5; padding: 8px; }
      table { border-collapse: collapse; font-size: 13px; }
      th, td { padding: 2px 8px; text-align: right; white-space: nowrap; }
      tr:nth-child(even) { background: #f5f5f5; }
      </style>
      </head>
      <body>
      <h1>%1$s</h1>
      %2$s</body>
      </html>
      """;

  /** The text so that a browser shows it as it is. */
  String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A row of a table: cells of a tag, {@code td} or {@code th}. */
  String row(String tag, List<String> cells) {
    return cells.stream()
        .map(cell -> "<%1$s>%2$s</%1$s>".formatted(tag, escape(cell)))
        .collect(joining("", "<tr>", "</tr>\n"));
  }

  /**
   * Writes a page.
   *
   * @param body in HTML, below the title
   * @throws org.kerneldna.train.io.InputException if the file cannot be written
   */
  void writePage(Path file, String title, String body) {
    String page = PAGE.formatted(escape(title), body);
    AtomicFile.write(file, temporary -> Files.writeString(temporary, page));
  }
}
