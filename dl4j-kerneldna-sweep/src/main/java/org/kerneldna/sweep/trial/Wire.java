package org.kerneldna.sweep.trial;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import org.kerneldna.sweep.JsonLines;

/**
 * What a process and one that it started tell each other: lines of JSON, in UTF-8 whatever the
 * locale, over a socket of this machine. Standard input and output are not for that, for native
 * code prints there without asking Java.
 */
final class Wire implements Closeable {

  /** How long somebody who calls may take to tell the secret. */
  private static final int GREETING_MS = 10_000;

  private final Socket socket;
  private final BufferedReader in;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /** A server that nobody outside of this machine can reach. */
  static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /**
   * Waits for a caller that knows the secret; others are hung up on.
   *
   * @throws IOException also if the server is closed, or its timeout is over
   */
  static Wire accept(ServerSocket server, String secret) throws IOException {
    while (true) {
      Socket caller = server.accept();
      if (knows(caller, secret.getBytes(StandardCharsets.UTF_8))) {
        return new Wire(caller);
      }
      caller.close();
    }
  }

  private static boolean knows(Socket caller, byte[] secret) {
    try {
      caller.setSoTimeout(GREETING_MS);
      byte[] greeting = caller.getInputStream().readNBytes(secret.length);
      return MessageDigest.isEqual(greeting, secret);
    } catch (IOException e) {
      return false;
    }
  }

  /** Calls a server on this machine. */
  static Wire call(int port, String secret) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.getOutputStream().write(secret.getBytes(StandardCharsets.UTF_8));
    return new Wire(socket);
  }

  /** After so long without a message, {@link #receive} gives up. */
  void patience(Duration limit) throws IOException {
    socket.setSoTimeout(Math.toIntExact(Math.max(1, limit.toMillis())));
  }

  synchronized void send(Object message) throws IOException {
    byte[] line = (JsonLines.write(message) + "\n").getBytes(StandardCharsets.UTF_8);
    socket.getOutputStream().write(line);
  }

  /**
   * The next message; null when the other side has ended.
   *
   * @throws java.net.SocketTimeoutException if there is none for as long as the {@link #patience}
   */
  <T> T receive(Class<T> type) throws IOException {
    String line = in.readLine();
    return line == null ? null : JsonLines.read(line, type);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
