package org.kerneldna.zoo.pretrained;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLException;
import lombok.RequiredArgsConstructor;
import lombok.extern.slf4j.Slf4j;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Downloads a file over HTTP, with a progress bar, from where an earlier try stopped. */
@Slf4j
@RequiredArgsConstructor
final class Download {

  /** What a file's name ends in until it is complete. */
  static final String PART = ".part";

  private static final int CONNECT_MILLIS = 20_000;
  private static final int READ_MILLIS = 60_000;
  private static final int LINE_MILLIS = 5_000;
  private static final int LINE_LENGTH = 100;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final Set<Integer> REDIRECTIONS = Set.of(301, 302, 303, 307, 308);
  private static final int MOST_REDIRECTIONS = 10;

  private final URI url;
  private final Path part;

  /**
   * Completes the file.
   *
   * @throws IOException if that fails; what has come so far stays
   */
  void run() throws IOException {
    try {
      get(Files.exists(part) ? Files.size(part) : 0);
    } catch (UnknownHostException | SocketException | SocketTimeoutException | SSLException e) {
      throw new IOException(
          "%s cannot be reached (%s): go online, or bring the file to %s by other means"
              .formatted(url, e, part.resolveSibling(fileName())),
          e);
    }
  }

  private void get(long start) throws IOException {
    HttpURLConnection connection = follow(start);
    switch (connection.getResponseCode()) {
      case HttpURLConnection.HTTP_OK -> receive(connection, 0);
      case HttpURLConnection.HTTP_PARTIAL -> receive(connection, start);
      case RANGE_NOT_SATISFIABLE -> {
        // Not a part of this file, or all of it already: the start tells no more than a new one.
        Files.delete(part);
        get(0);
      }
      default ->
          throw new IOException(
              url + " cannot be downloaded: the server answers " + connection.getResponseCode());
    }
  }

  /** The answer at the end of the redirections, of which Java's own following knows only some. */
  private HttpURLConnection follow(long start) throws IOException {
    URI at = url;
    for (int i = 0; i <= MOST_REDIRECTIONS; i++) {
      HttpURLConnection connection = open(at, start);
      if (!REDIRECTIONS.contains(connection.getResponseCode())) {
        return connection;
      }
      at = target(at, connection.getHeaderField("Location"));
      connection.disconnect();
    }
    throw new IOException(
        "%s cannot be downloaded: it redirects more than %d times, last to %s"
            .formatted(url, MOST_REDIRECTIONS, at));
  }

  private static HttpURLConnection open(URI at, long start) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) at.toURL().openConnection();
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    if (start > 0) {
      connection.setRequestProperty("Range", "bytes=" + start + "-");
    }
    return connection;
  }

  private URI target(URI from, String location) throws IOException {
    try {
      URI to = location == null ? null : from.resolve(WeightsAddress.reference(location));
      if (to != null && mayLead(from.getScheme(), to.getScheme())) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      log.debug("{} is no address", location, e);
    }
    throw new IOException(
        "%s cannot be downloaded: it redirects to %s, which is not followed: list another address"
            .formatted(url, location));
  }

  /** Never out of HTTP, such as to a file of this machine, nor from a secure server to another. */
  static boolean mayLead(String from, String to) {
    return "https".equalsIgnoreCase(to)
        || "http".equalsIgnoreCase(to) && "http".equalsIgnoreCase(from);
  }

  private void receive(HttpURLConnection connection, long start) throws IOException {
    long rest = connection.getContentLengthLong();
    StandardOpenOption how = start > 0 ? APPEND : TRUNCATE_EXISTING;
    try (InputStream in = connection.getInputStream();
        OutputStream out = Files.newOutputStream(part, CREATE, WRITE, how);
        ProgressBar bar = bar(start, rest)) {
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        write(out, buffer, count);
        bar.stepBy(count);
      }
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // Of an end before the announced length Java 25 throws, and Java 17 does not.
      throw stopped(e.getMessage(), e);
    }
    if (rest >= 0 && Files.size(part) != start + rest) {
      throw stopped("the server ended it", null);
    }
  }

  private IOException stopped(String why, IOException cause) throws IOException {
    return new IOException(
        "%s stopped after %,d bytes (%s): try again to go on from there"
            .formatted(url, Files.size(part), why),
        cause);
  }

  private void write(OutputStream out, byte[] buffer, int count) throws IOException {
    try {
      out.write(buffer, 0, count);
    } catch (IOException e) {
      // Of a full disk Java does not say which file it has no room for.
      throw new FileSystemException(part.toString(), null, e.getMessage());
    }
  }

  private ProgressBar bar(long start, long rest) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(fileName())
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" MB", 1 << 20)
            .setInitialMax(rest < 0 ? -1 : start + rest)
            .startsFrom(start, Duration.ZERO);
    if (System.console() == null) {
      builder
          .setUpdateIntervalMillis(LINE_MILLIS)
          .setConsumer(new DelegatingProgressBarConsumer(log::info, LINE_LENGTH));
    }
    return builder.build();
  }

  private String fileName() {
    String name = part.getFileName().toString();
    return name.substring(0, name.length() - PART.length());
  }
}
