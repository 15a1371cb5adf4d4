/**
 * From images to batches. An {@link org.kerneldna.train.data.ImageSource} tells where the images
 * are: in folders, tar files or a list. {@link org.kerneldna.train.data.ImagePipeline} decodes them
 * in threads and transforms them as torchvision does. {@link
 * org.kerneldna.train.data.DataVecTransform} and {@link
 * org.kerneldna.train.data.ImageFolderRecordReader} offer the same to DataVec.
 */
package org.kerneldna.train.data;
