/** What the readers of files share: checksums, and words out of files in one-line messages. */
package org.kerneldna.zoo.io;
