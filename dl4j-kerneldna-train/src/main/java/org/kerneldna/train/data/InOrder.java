package org.kerneldna.train.data;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Computes a number of results in threads, some ahead of their use, and gives them in order. */
final class InOrder<T> implements Iterator<T>, AutoCloseable {

  private final int count;
  private final IntFunction<T> function;
  private final int ahead;
  private final ExecutorService threads;
  private final Queue<Future<T>> pending = new ArrayDeque<>();
  private int submitted;

  /**
   * @param count number of results
   * @param function gives the result of an index from 0 to {@code count - 1}
   * @param workers number of threads, at least 1
   */
  InOrder(int count, IntFunction<T> function, int workers) {
    this.count = count;
    this.function = function;
    ahead = 2 * workers;
    threads = Executors.newFixedThreadPool(workers, InOrder::daemon);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "image-decoder");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public boolean hasNext() {
    return submitted < count || !pending.isEmpty();
  }

  @Override
  public T next() {
    while (pending.size() < ahead && submitted < count) {
      int index = submitted++;
      pending.add(threads.submit(() -> function.apply(index)));
    }
    return await(pending.remove());
  }

  private T await(Future<T> result) {
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
