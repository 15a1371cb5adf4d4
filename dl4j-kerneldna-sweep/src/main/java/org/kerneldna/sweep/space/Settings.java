package org.kerneldna.sweep.space;

import java.io.Serializable;
import lombok.Builder;

/**
 * One candidate: a network of the zoo and the recipe by which it is trained.
 *
 * @param arch an architecture's name in the zoo
 * @param customize with KernelDNA; false is the static network, to which the next three do not
 *     apply
 * @param plainClusters how many of the network's clusters, from the first, have plain convolutions
 *     in the place of children; if they are more than there are, all
 * @param gateRatio channels per hidden unit of the gates; 0 for none, 4 for those of the paper.
 *     Where a network's gates differ, all change by the same factor
 * @param modulation of the children's kernels
 * @param width factor of the architecture's channel counts
 * @param lr the highest learning rate
 * @param weightDecay added to the gradient, times the parameter
 * @param momentum of the descent
 * @param batchSize images a step
 * @param epochs passes over the training images, warm-up included
 * @param warmupEpochs epochs of rising learning rate
 * @param labelSmoothing share of the labels that spreads evenly over all classes
 * @param colorJitter strength of brightness, contrast and saturation; 0 for none
 * @param trivialAugment whether every image goes through TrivialAugmentWide
 * @param randomErasing probability that a rectangle of an image is erased
 * @param mixup alpha of MixUp; 0 for none
 * @param cutmix alpha of CutMix; 0 for none. With both, either is drawn for each batch
 */
@Builder(toBuilder = true)
public record Settings(
    String arch,
    boolean customize,
    int plainClusters,
    int gateRatio,
    Modulation modulation,
    double width,
    double lr,
    double weightDecay,
    double momentum,
    int batchSize,
    int epochs,
    int warmupEpochs,
    double labelSmoothing,
    double colorJitter,
    boolean trivialAugment,
    double randomErasing,
    double mixup,
    double cutmix)
    implements Serializable {}
