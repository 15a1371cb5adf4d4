/**
 * Pretrained weights: the {@link org.kerneldna.zoo.pretrained.Catalogue} says which there are and
 * where, the {@link org.kerneldna.zoo.pretrained.WeightsCache} downloads each once, goes on with
 * what was interrupted, and gives out no file whose checksum differs. {@link
 * org.kerneldna.zoo.ZooNetwork#initPretrained} puts them into a network.
 */
package org.kerneldna.zoo.pretrained;
