package org.kerneldna.train;

import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.InputException;

/** What holds for every loss. */
@UtilityClass
class Loss {

  /**
   * The loss.
   *
   * @throws InputException if it is not a number: the learning rate is the user's choice
   */
  double requireFinite(double loss) {
    if (!Double.isFinite(loss)) {
      throw new InputException(
          "the loss is " + loss + ", training has diverged: give a lower --lr");
    }
    return loss;
  }
}
