/** What every data set of this room gives. @module */

/** Images that a network gets in one shape. */
export interface Shaped {
  /** Shape of one image, as the network gets it. */
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** Examples with labels. */
export interface Labelled extends Shaped {
  /** One class index for each image, [N], from 0. */
  readonly labels: Int32Array;
}

/** Images and their labels, in memory. */
export interface ImageSet extends Labelled {
  /** Pixels, [N, height, width, channels] row-major, 0..255. */
  readonly images: Uint8Array;
}

/** Images of any size in files, which are decoded when they are used, and their labels. */
export interface ImageFiles extends Labelled {
  readonly paths: readonly string[];
  /** Whether all are JPEG, of which only the part that is used is decoded. */
  readonly allJpeg: boolean;
}

/** Which features of an example are used. */
export interface RecordLayout {
  readonly image: string;
  readonly label: string;
  /** The label of the first class. */
  readonly firstLabel: number;
}

/** Record files of a split. */
export interface ImageRecords extends Shaped {
  readonly paths: readonly string[];
  /** Records in all files. */
  readonly available: number;
  /** Of these the first so many are used. */
  readonly count: number;
  readonly layout: RecordLayout;
}

/** A data set for image classification, in memory or in files. */
export interface ImageClassification<Examples extends Shaped = ImageSet> {
  /** Name in the registry. */
  readonly name: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  readonly train: Examples;
  readonly test: Examples;
  /** Mean of each channel of pixels scaled to [0, 1]; length `shape[2]`. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel of pixels scaled to [0, 1]; length `shape[2]`. */
  readonly standardDeviation: readonly number[];
}
