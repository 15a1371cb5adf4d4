/** The command line {@code kerneldna}. */
package org.kerneldna.train.cli;
