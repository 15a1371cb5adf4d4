/** What people look at: progress, tables, pictures. */
package org.kerneldna.train.report;
