package org.kerneldna.sweep.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import lombok.experimental.UtilityClass;
import org.kerneldna.sweep.JsonLines;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;

/** A table with a row a candidate (RFC 4180). */
@UtilityClass
class ResultsCsv {

  private static final List<String> FIGURES =
      List.of("candidate", "status", "top1", "epochs_done", "parameters", "macs", "latency_ms");

  String of(History history) {
    List<String> lines = new ArrayList<>();
    for (Candidate candidate : history.candidates()) {
      Map<String, Object> settings = settings(candidate.settings());
      if (lines.isEmpty()) {
        List<Object> header = new ArrayList<>(FIGURES);
        header.addAll(settings.keySet());
        header.add("reason");
        lines.add(line(header));
      }
      List<Object> row = figures(candidate);
      row.addAll(settings.values());
      row.add(candidate.reason());
      lines.add(line(row));
    }
    return String.join("", lines);
  }

  private List<Object> figures(Candidate candidate) {
    Cost cost = candidate.cost();
    List<Object> row = new ArrayList<>();
    row.add(candidate.number());
    row.add(candidate.status().toString().toLowerCase(Locale.ROOT));
    row.add(candidate.isScored() ? String.format(Locale.ROOT, "%.3f", candidate.score()) : null);
    row.add(candidate.top1().size());
    row.add(cost == null ? null : cost.parameters());
    row.add(cost == null ? null : cost.macs());
    row.add(cost == null ? null : cost.latencyMs());
    return row;
  }

  /** By name as in the configuration. */
  @SuppressWarnings("unchecked")
  private Map<String, Object> settings(Settings settings) {
    try {
      return JsonLines.read(JsonLines.write(settings), LinkedHashMap.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private String line(List<Object> cells) {
    return cells.stream().map(ResultsCsv::cell).collect(Collectors.joining(",", "", "\r\n"));
  }

  private String cell(Object value) {
    String text = value == null ? "" : value.toString();
    return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
