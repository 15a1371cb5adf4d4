/** The commands that sweeps add to the command line. */
package org.kerneldna.sweep.cli;
