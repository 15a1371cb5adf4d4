package org.kerneldna.sweep.trial;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.kerneldna.sweep.space.Settings;

/** Trains candidates. A failure is an exception, whose message is the reason. */
@FunctionalInterface
public interface Trial {

  /**
   * Trains a candidate until it has done some epochs of its recipe, from where it stopped before.
   *
   * @param folder the candidate's own, in which everything stays that is needed to go on
   * @param epochs that are done afterwards, those of earlier calls included; not more than the
   *     recipe's
   * @param onEpoch is told of every epoch from the first on, also of those of earlier calls
   * @return what the network costs
   */
  Cost train(Settings settings, Path folder, int epochs, Consumer<Epoch> onEpoch);
}
