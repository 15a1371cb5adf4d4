package org.kerneldna.torch;

/**
 * A value of a file that is no number, text, list, dictionary or tensor, such as a path or a date.
 *
 * @param type the name of its class in Python, or of the function that would have made it
 */
public record Opaque(String type) {}
