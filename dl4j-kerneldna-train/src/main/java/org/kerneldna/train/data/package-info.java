/**
 * From folders of images to batches: DataVec reads, ImageIO decodes, transforms as torchvision has
 * them.
 */
package org.kerneldna.train.data;
