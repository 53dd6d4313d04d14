import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { ConfidenceOptions, Estimate } from "./estimates.ts";

/** Options of {@linkcode resampledDifference}. */
export interface ResamplingOptions extends ConfidenceOptions {
  /** How often seeds and images are drawn anew. Default 2,000. */
  readonly replicates?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/**
 * The difference of two methods' errors, `treated − baseline`, with an interval that holds both that
 * other seeds and that other test images could have been drawn: in each replicate seeds and images are
 * drawn with replacement, each by itself, and the interval is between quantiles of the replicates'
 * means. Pairs stay pairs, of seeds and of images.
 *
 * Source: the pigeonhole bootstrap of Owen 2007, "The pigeonhole bootstrap", which is conservative. With
 * very few seeds it is not, as seeds drawn with replacement then vary too little: read it beside
 * {@linkcode pairedDifference}.
 *
 * @example
 * ```ts
 * import { statistics } from "sam";
 *
 * const sgd = [[1, 0, 0, 1], [1, 1, 0, 0]]; // two seeds, four images: 1 is an error
 * const sam = [[1, 0, 0, 0], [1, 0, 0, 0]];
 * console.log(statistics.resampledDifference(sgd, sam).value); // -0.25
 * ```
 *
 * @param baseline errors by seed and image: 1 where a run was wrong, 0 where it was right
 * @param treated of the same seeds and images
 * @throws RangeError unless both are of the same seeds and images, at least one of each
 */
export function resampledDifference(
  baseline: readonly ArrayLike<number>[],
  treated: readonly ArrayLike<number>[],
  { confidence = 0.95, replicates = 2000, seed = 0 }: ResamplingOptions = {},
): Estimate {
  const differences = differencesOf(baseline, treated);
  const [seeds, images] = [differences.length, differences[0]!.length];
  const { seedTimes, imageTimes } = drawsOf({ seeds, images, replicates, seed });
  const changed = differences.map(changedIn);
  const means = Float64Array.from({ length: replicates }, (_, replicate) => {
    const [seedsAt, imagesAt] = [replicate * seeds, replicate * images];
    let sum = 0;
    for (const [index, { places, signs }] of changed.entries()) {
      const times = seedTimes[seedsAt + index]!;
      if (times === 0) continue;
      let own = 0;
      for (let i = 0; i < places.length; i++) own += imageTimes[imagesAt + places[i]!]! * signs[i]!;
      sum += times * own;
    }
    return sum / (seeds * images);
  }).sort();
  const total = differences.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  const tail = (1 - confidence) / 2;
  return {
    value: total / (seeds * images),
    n: seeds,
    interval: [quantile(means, tail), quantile(means, 1 - tail)],
  };
}

/** What draws depend on. */
interface DrawOptions {
  readonly seeds: number;
  readonly images: number;
  readonly replicates: number;
  readonly seed: number;
}

/** How often each seed and each image was drawn, replicate by replicate. */
interface Draws extends DrawOptions {
  readonly seedTimes: Uint16Array;
  readonly imageTimes: Uint16Array;
}

/** The last draws: the comparisons of a figure are of equally many seeds and images. */
let lastDraws: Draws | undefined;

function drawsOf(options: DrawOptions): Draws {
  const names = ["seeds", "images", "replicates", "seed"] as const;
  if (lastDraws && names.every((name) => lastDraws![name] === options[name])) return lastDraws;
  const { seeds, images, replicates, seed } = options;
  const generator = xoroshiro128plus(seed);
  const draws = {
    ...options,
    seedTimes: new Uint16Array(replicates * seeds),
    imageTimes: new Uint16Array(replicates * images),
  };
  const draw = (times: Uint16Array, start: number, count: number) => {
    for (let i = 0; i < count; i++) times[start + uniformInt(generator, 0, count - 1)]!++;
  };
  for (let replicate = 0; replicate < replicates; replicate++) {
    draw(draws.seedTimes, replicate * seeds, seeds);
    draw(draws.imageTimes, replicate * images, images);
  }
  lastDraws = draws;
  return draws;
}

/** Where a row of differences is not 0, and what it is there. */
function changedIn(row: Int8Array): { readonly places: Int32Array; readonly signs: Int8Array } {
  const places = Int32Array.from(row.keys()).filter((image) => row[image] !== 0);
  return { places, signs: Int8Array.from(places, (image) => row[image]!) };
}

/** treated − baseline by seed and image. */
function differencesOf(
  baseline: readonly ArrayLike<number>[],
  treated: readonly ArrayLike<number>[],
): Int8Array[] {
  const images = baseline[0]?.length ?? 0;
  const isOne = (rows: readonly ArrayLike<number>[]) =>
    rows.length === baseline.length && rows.every((row) => row.length === images);
  if (images === 0 || !isOne(baseline) || !isOne(treated)) {
    throw new RangeError(
      `Cannot resample errors of ${shapeOf(baseline)} and ${
        shapeOf(treated)
      }: both need the same ` +
        "seeds and images, at least one of each",
    );
  }
  return baseline.map((row, index) =>
    Int8Array.from(row, (value, image) => treated[index]![image]! - value)
  );
}

function shapeOf(rows: readonly ArrayLike<number>[]): string {
  const lengths = new Set(rows.map(({ length }) => length));
  return `${rows.length} seeds with ${[...lengths].join(" or ") || 0} images`;
}

/** Between the nearest two, linearly. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const [low, high] = [Math.floor(position), Math.ceil(position)];
  return sorted[low]! + (position - low) * (sorted[high]! - sorted[low]!);
}
