/**
 * Networks that DL4J saved, read from files that nobody vouches for: {@link
 * org.kerneldna.zoo.model.ModelFile} is the way in. It runs nothing that a file brings or names,
 * takes memory only for numbers that are really there, and turns every defect into a {@link
 * org.kerneldna.zoo.model.ModelFileException} of one line. {@link
 * org.kerneldna.zoo.model.Checksums} are written beside a network, to tell damage.
 */
package org.kerneldna.zoo.model;
