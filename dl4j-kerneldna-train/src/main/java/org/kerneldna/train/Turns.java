package org.kerneldna.train;

import java.util.List;
import java.util.stream.DoubleStream;
import lombok.experimental.UtilityClass;
import org.nd4j.linalg.factory.Nd4j;

/** Times tasks that take turns, so that whatever else the machine does slows all alike. */
@UtilityClass
public class Turns {

  /**
   * A task to time.
   *
   * @param every of how many rounds it takes part in one: 1 in all, more if it is slow; then it
   *     warms up only once
   */
  public record Player(Runnable task, int every) {

    /** Takes part in every round. */
    public Player(Runnable task) {
      this(task, 1);
    }

    /** The first round is everybody's; the slow ones warm up in no other. */
    private boolean takesPart(int round, int first) {
      return every == 1 || round == first || round >= 0 && round % every == 0;
    }
  }

  /**
   * Milliseconds by [player][round that it took part in].
   *
   * @param warmUp rounds before those that count, at least 1: Java compiles, and memory is claimed
   * @param rounds how many count, at least 1
   */
  public double[][] time(List<Player> players, int warmUp, int rounds) {
    List<DoubleStream.Builder> milliseconds =
        players.stream().map(player -> DoubleStream.builder()).toList();
    for (int round = -warmUp; round < rounds; round++) {
      for (int i = 0; i < players.size(); i++) {
        if (players.get(i).takesPart(round, -warmUp)) {
          double time = time(players.get(i).task());
          if (round >= 0) {
            milliseconds.get(i).add(time);
          }
        }
      }
    }
    return milliseconds.stream().map(times -> times.build().toArray()).toArray(double[][]::new);
  }

  private double time(Runnable task) {
    long start = System.nanoTime();
    task.run();
    // A GPU works on when its host goes on.
    Nd4j.getExecutioner().commit();
    return (System.nanoTime() - start) / 1e6;
  }
}
