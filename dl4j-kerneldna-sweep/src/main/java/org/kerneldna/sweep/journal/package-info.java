/** What has happened in a sweep, so that it can go on after any interruption. */
package org.kerneldna.sweep.journal;
