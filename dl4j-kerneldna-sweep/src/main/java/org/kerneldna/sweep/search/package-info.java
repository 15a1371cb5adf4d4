/** What is tried next: Arbiter's generators, successive halving, and which candidate is better. */
package org.kerneldna.sweep.search;
