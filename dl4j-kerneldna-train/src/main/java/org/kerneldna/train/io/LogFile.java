package org.kerneldna.train.io;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** A file that gets the lines of the log while it is open, after those that it has. */
public final class LogFile implements AutoCloseable {

  private static final String NAME = "log.txt";
  private static final String PATTERN = "%d{yyyy-MM-dd HH:mm:ss} %-5level %msg%n";

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
  private final FileAppender<ILoggingEvent> appender = new FileAppender<>();

  /**
   * Opens {@value #NAME}.
   *
   * @param folder is created where it is missing
   * @throws InputException if it cannot be written into
   */
  public LogFile(Path folder) {
    AtomicFile.requireWritable(folder);
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setPattern(PATTERN);
    encoder.start();
    appender.setContext(context);
    appender.setFile(folder.resolve(NAME).toString());
    appender.setEncoder(encoder);
    appender.start();
    root.addAppender(appender);
  }

  @Override
  public void close() {
    root.detachAppender(appender);
    appender.stop();
  }
}
