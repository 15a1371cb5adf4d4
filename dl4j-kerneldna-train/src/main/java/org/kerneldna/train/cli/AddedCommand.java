package org.kerneldna.train.cli;

/**
 * A command that another module adds to the command line: a picocli command, listed as a service of
 * this type.
 */
public interface AddedCommand extends Runnable {}
