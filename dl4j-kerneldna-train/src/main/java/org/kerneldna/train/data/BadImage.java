package org.kerneldna.train.data;

/**
 * A file that could not be used.
 *
 * @param name what the file is called
 * @param reason what is wrong with it
 */
public record BadImage(String name, String reason) {}
