package org.kerneldna.sweep.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.kerneldna.sweep.JsonLines;
import org.kerneldna.train.io.InputException;

/**
 * A file to which every {@link Event} is added as one line of JSON. A last line that was not
 * written to its end, because the program was killed, is dropped. One program at a time writes to
 * it.
 */
public final class Journal implements AutoCloseable {

  private final Path file;
  private final FileChannel channel;
  private final FileChannel lock;
  private final List<Event> past;

  private Journal(Path file, FileChannel channel, FileChannel lock, List<Event> past) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
    this.past = past;
  }

  /**
   * Opens a journal to go on with, or a new one.
   *
   * @throws InputException if another program writes to it, or a line in it is no event
   */
  public static Journal open(Path file) {
    try {
      FileChannel lock = lock(file);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      List<Event> past = new ArrayList<>();
      channel.truncate(read(file, past));
      channel.position(channel.size());
      return new Journal(file, channel, lock, past);
    } catch (IOException e) {
      throw new InputException(file + " cannot be opened: " + e, e);
    }
  }

  /**
   * The events in a journal, whether or not a sweep is running.
   *
   * @throws InputException if there is no such file, or a line in it is no event
   */
  public static List<Event> read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          file + " is not there: give the folder that 'sweep' was given as --out");
    }
    try {
      List<Event> events = new ArrayList<>();
      read(file, events);
      return events;
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
  }

  /** Locks a file beside it, for Windows lets nobody read what is locked. */
  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file.resolveSibling(file.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (!tryLock(channel)) {
      channel.close();
      throw new InputException(
          file + " is in use: wait for the sweep that is running there, or give another --out");
    }
    return channel;
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Reads all complete lines, and gives where the last of them ends. */
  private static long read(Path file, List<Event> events) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int start = 0;
    for (int end = 0; end < bytes.length; end++) {
      if (bytes[end] == '\n') {
        String line = new String(bytes, start, end - start, StandardCharsets.UTF_8);
        events.add(parse(line, file, events.size() + 1));
        start = end + 1;
      }
    }
    return start;
  }

  private static Event parse(String line, Path file, int number) {
    try {
      return JsonLines.read(line, Event.class);
    } catch (JsonProcessingException e) {
      throw new InputException(
          "%s is damaged in line %d: take that line and all after it out".formatted(file, number),
          e);
    }
  }

  /** What had happened when this was opened. */
  public List<Event> past() {
    return past;
  }

  /**
   * Adds an event, which is on the disk afterwards.
   *
   * @throws InputException if it cannot be written
   */
  public void add(Event event) {
    ByteBuffer line =
        ByteBuffer.wrap((JsonLines.write(event) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(false);
    } catch (IOException e) {
      throw new InputException(file + " cannot be written: " + e, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      lock.close();
    } catch (IOException e) {
      throw new InputException(file + " cannot be closed: " + e, e);
    }
  }
}
