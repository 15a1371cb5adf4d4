package org.kerneldna.train.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import lombok.extern.slf4j.Slf4j;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Whether long work should save and stop: the process was told to end (SIGTERM, SIGINT), or has
 * worked for as long as it may. A second signal ends the process at once.
 */
@Slf4j
final class StopRequest implements BooleanSupplier, AutoCloseable {

  private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
  private final long start = System.nanoTime();
  private final double minutes;
  private volatile boolean signalled;

  /**
   * @param minutes that the work may take; 0: any time
   */
  StopRequest(double minutes) {
    this.minutes = minutes;
    for (String name : new String[] {"TERM", "INT"}) {
      Signal signal = new Signal(name);
      before.put(signal, Signal.handle(signal, this::received));
    }
  }

  private void received(Signal signal) {
    log.info("SIG{}: finishing the step", signal.getName());
    signalled = true;
    Signal.handle(signal, SignalHandler.SIG_DFL);
  }

  @Override
  public boolean getAsBoolean() {
    return signalled || minutes > 0 && (System.nanoTime() - start) / 60e9 >= minutes;
  }

  /** Lets signals do what they did before. */
  @Override
  public void close() {
    before.forEach(Signal::handle);
  }
}
