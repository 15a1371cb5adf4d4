package org.kerneldna.sweep.journal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.kerneldna.sweep.SweepConfig;
import org.kerneldna.sweep.journal.Candidate.Status;
import org.kerneldna.sweep.journal.Event.Failed;
import org.kerneldna.sweep.journal.Event.Finished;
import org.kerneldna.sweep.journal.Event.Opened;
import org.kerneldna.sweep.journal.Event.Started;

/** What a sweep has come to, event by event. */
public final class History {

  private final SortedMap<Integer, Candidate> candidates = new TreeMap<>();
  private final List<Event> events = new ArrayList<>();
  private SweepConfig config;

  /** The history of some events. */
  public static History of(Collection<Event> events) {
    History history = new History();
    events.forEach(history::add);
    return history;
  }

  /**
   * Takes an event in. Earlier versions started candidates without settings where a genetic search
   * had nothing new: these are none.
   */
  public void add(Event event) {
    events.add(event);
    if (event instanceof Opened opened) {
      config = opened.config();
    } else if (event instanceof Started started && started.settings() != null) {
      Candidate before = candidates.get(started.candidate());
      candidates.put(started.candidate(), Candidate.of(started, before));
    } else if (event instanceof Finished finished) {
      candidates.computeIfPresent(
          finished.candidate(), (number, candidate) -> candidate.finished(finished));
    } else if (event instanceof Failed failed) {
      candidates.computeIfPresent(
          failed.candidate(), (number, candidate) -> candidate.failed(failed));
    }
  }

  /** The configuration by which the sweep was opened last; empty before it was. */
  public Optional<SweepConfig> config() {
    return Optional.ofNullable(config);
  }

  /** All events so far. */
  public List<Event> events() {
    return Collections.unmodifiableList(events);
  }

  /** The latest event, of which there must be one. */
  public Event last() {
    return events.get(events.size() - 1);
  }

  /** All candidates so far, by number. */
  public Collection<Candidate> candidates() {
    return Collections.unmodifiableCollection(candidates.values());
  }

  /** How many candidates that has become of. */
  public long count(Status status) {
    return candidates.values().stream().filter(c -> c.status() == status).count();
  }

  /** Candidate {@code number}, if there is one. */
  public Optional<Candidate> candidate(int number) {
    return Optional.ofNullable(candidates.get(number));
  }

  /** The candidate with the highest top-1, the first of several such. */
  public Optional<Candidate> best() {
    return candidates.values().stream()
        .filter(Candidate::isScored)
        .min(Comparator.comparingDouble(candidate -> -candidate.score()));
  }

  /** Seconds for which the sweep had been running at the last event. */
  public double seconds() {
    return events.isEmpty() ? 0 : last().seconds();
  }
}
