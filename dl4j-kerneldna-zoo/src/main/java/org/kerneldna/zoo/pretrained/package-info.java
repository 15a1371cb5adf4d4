/** Pretrained weights: where they are, and how they come into the cache. */
package org.kerneldna.zoo.pretrained;
