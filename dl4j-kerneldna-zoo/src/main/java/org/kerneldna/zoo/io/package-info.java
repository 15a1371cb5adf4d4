/** Checksums of files. */
package org.kerneldna.zoo.io;
