package org.kerneldna.train;

import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.InputException;

/** What holds for every loss. */
@UtilityClass
class Loss {

  /**
   * The loss.
   *
   * @param when for example the epoch and step
   * @throws InputException if it is not a number: the learning rate is the user's choice
   */
  double requireFinite(double loss, String when) {
    if (!Double.isFinite(loss)) {
      throw new InputException(
          "%s: the loss is %s, training has diverged: give a lower --lr".formatted(when, loss));
    }
    return loss;
  }
}
