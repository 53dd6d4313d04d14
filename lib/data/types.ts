/** What every data set of this room gives. @module */

/** Images and their labels, in memory. */
export interface ImageSet {
  /** Pixels, [N, height, width, channels] row-major, 0..255. */
  readonly images: Uint8Array;
  /** One class index for each image, [N], from 0. */
  readonly labels: Int32Array;
  /** Shape of one image. */
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** A data set for image classification. */
export interface ImageClassification {
  /** Name in the registry. */
  readonly name: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** Mean of each channel of pixels scaled to [0, 1]; length `shape[2]`. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel of pixels scaled to [0, 1]; length `shape[2]`. */
  readonly standardDeviation: readonly number[];
}
