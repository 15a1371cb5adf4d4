/** What people look at: a line of progress, {@code results.csv} and {@code report.html}. */
package org.kerneldna.sweep.report;
