/** The size of networks: {@link org.kerneldna.graph.count.Complexity}, and its share by vertex. */
package org.kerneldna.graph.count;
