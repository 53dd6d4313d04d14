/**
 * Mean and standard deviation of the channels of ImageNet's pixels in [0, 1].
 *
 * Source: `datasets/dataset_source_imagenet.py` of the reference; they are torchvision's.
 *
 * @module
 */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406];
export const IMAGENET_STANDARD_DEVIATION = [0.229, 0.224, 0.225];
