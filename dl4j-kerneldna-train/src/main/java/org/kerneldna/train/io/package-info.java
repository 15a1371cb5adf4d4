/** Files in and out: written whole or not at all, and clear words for those that cannot be used. */
package org.kerneldna.train.io;
