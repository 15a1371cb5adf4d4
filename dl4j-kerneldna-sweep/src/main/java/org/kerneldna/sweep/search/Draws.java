package org.kerneldna.sweep.search;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import lombok.extern.slf4j.Slf4j;
import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.kerneldna.sweep.space.Children;
import org.kerneldna.sweep.space.Settings;

/**
 * What a generator of Arbiter's draws, every training once: settings by which the same is trained
 * as by some before are passed over, for different numbers, and different settings, may be the same
 * training.
 */
@Slf4j
public final class Draws {

  /** Draws without anything new after which there is nothing new. */
  private static final int TRIES = 2000;

  private final CandidateGenerator generator;
  private final boolean listed;
  private final Set<Settings> drawn = new HashSet<>();

  /** Drawn and not taken yet; null if there is none. */
  private Draw next;

  private boolean exhausted;

  /**
   * A draw.
   *
   * @param settings canonical, see {@link Children#canonical}
   * @param genes the numbers from which the generator made them
   */
  public record Draw(Settings settings, double[] genes) {}

  /**
   * @param generator of {@link Settings}
   * @param listed whether it comes to an end of its own, as a grid does
   */
  public Draws(CandidateGenerator generator, boolean listed) {
    this.generator = generator;
    this.listed = listed;
  }

  /**
   * Whether there is something new. May draw it: what the generator learns before it is taken by
   * {@link #next} cannot change it any more.
   */
  public boolean hasNext() {
    for (int tries = 0; next == null && !exhausted; tries++) {
      Optional<Draw> draw = tries < TRIES || listed ? draw() : Optional.empty();
      exhausted = draw.isEmpty();
      next = draw.filter(d -> !drawn.contains(d.settings())).orElse(null);
      if (exhausted && !listed) {
        log.info("the search ends: it draws nothing that is not among its {}", drawn.size());
      }
    }
    return next != null;
  }

  /** Takes what {@link #hasNext} told of. */
  public Draw next() {
    Draw taken = next;
    next = null;
    drawn.add(taken.settings());
    return taken;
  }

  /**
   * Draws what was drawn once before: what comes before it in the generator is passed over if it is
   * among the others, as it was then. Earlier versions passed over nothing.
   *
   * @return nothing if it is not what the generator draws
   */
  public Optional<Draw> again(Settings settings) {
    Settings sought = Children.canonical(settings);
    Optional<Draw> draw = draw();
    while (draw.isPresent()
        && !draw.get().settings().equals(sought)
        && drawn.contains(draw.get().settings())) {
      draw = draw();
    }
    draw.ifPresent(d -> drawn.add(d.settings()));
    return draw.filter(d -> d.settings().equals(sought));
  }

  /** Nothing if the generator has no more: Arbiter's genetic one tells so by a lack of settings. */
  private Optional<Draw> draw() {
    if (!generator.hasMoreCandidates()) {
      return Optional.empty();
    }
    Candidate<?> candidate = generator.getCandidate();
    return Optional.ofNullable((Settings) candidate.getValue())
        .map(settings -> new Draw(Children.canonical(settings), candidate.getFlatParameters()));
  }
}
