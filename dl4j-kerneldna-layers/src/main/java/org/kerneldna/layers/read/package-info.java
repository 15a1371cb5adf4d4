/** What the layers of this library compute, said in the language of graphs. */
package org.kerneldna.layers.read;
