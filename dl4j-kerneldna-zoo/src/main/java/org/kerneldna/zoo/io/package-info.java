/**
 * Checksums of files, which downloads of {@link org.kerneldna.zoo.pretrained} and the entries of
 * {@link org.kerneldna.zoo.model model files} must have.
 */
package org.kerneldna.zoo.io;
