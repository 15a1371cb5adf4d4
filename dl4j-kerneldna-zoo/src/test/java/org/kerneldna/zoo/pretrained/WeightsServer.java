package org.kerneldna.zoo.pretrained;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An HTTP server of one file, which breaks off when it is told to. */
final class WeightsServer implements AutoCloseable {

  private final HttpServer server;
  private final byte[] content;
  private final List<String> ranges = new ArrayList<>();
  private int breakAfter = Integer.MAX_VALUE;

  WeightsServer(byte[] content) throws IOException {
    this.content = content;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/weights.pth", this::answer);
    server.start();
  }

  /** Answers a path by sending the client elsewhere; null sends no address. */
  void redirect(String path, int code, String location) {
    server.createContext(
        path,
        exchange -> {
          if (location != null) {
            exchange.getResponseHeaders().add("Location", location);
          }
          exchange.sendResponseHeaders(code, -1);
          exchange.close();
        });
  }

  /** Answers a path by other content. */
  void serve(String path, byte[] other) {
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, other.length);
          exchange.getResponseBody().write(other);
          exchange.close();
        });
  }

  URI url() {
    return url("weights.pth");
  }

  URI url(String file) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + "/" + file);
  }

  /** How many bytes to send of the next answers. */
  void breakAfter(int bytes) {
    breakAfter = bytes;
  }

  /** The ranges that were asked for; null where there was none. */
  List<String> ranges() {
    return ranges;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range);
    int start = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    try (exchange) {
      if (start >= content.length) {
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      byte[] rest = Arrays.copyOfRange(content, start, content.length);
      exchange.sendResponseHeaders(range == null ? 200 : 206, rest.length);
      exchange.getResponseBody().write(rest, 0, Math.min(breakAfter, rest.length));
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
