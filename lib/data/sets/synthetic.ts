/** A procedural set of ten classes of shapes: no download, the same bytes everywhere. @module */
import { setImmediate } from "node:timers/promises";
import { OptionError } from "../data_error.ts";
import { assertSeed, permutation, randomStream } from "../random_stream.ts";
import type { ImageClassification, ImageSet } from "../types.ts";
import { paintScene } from "./_scene.ts";
import { type Shape, shapes } from "./_shapes.ts";

/** Options of {@linkcode loadSynthetic}. */
export interface SyntheticOptions {
  /** Height and width. Default 28. */
  readonly size?: 16 | 28 | 32;
  /** 1: grey, 3: colour. Default 1. */
  readonly channels?: 1 | 3;
  /** Default 4,000. */
  readonly trainCount?: number;
  /** Default 2,000. */
  readonly testCount?: number;
  /** Whether images drawn for validation stand in the place of the test set. Default false. */
  readonly validation?: boolean;
  /** Integer in [0, 2^32). Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

const classes: readonly string[] = Object.keys(shapes);
const drawers: readonly Shape[] = Object.values(shapes);

/**
 * Makes the synthetic set: each image shows one of ten shapes (ring, cross, stripes, spiral,
 * triangle, square, star, crescent, tee, zigzag), drawn or filled, at a random place, size, angle,
 * stretch, bend, stroke and contrast, over a random texture, among stray marks and noise. Only the
 * shape tells the class, and flips keep it.
 *
 * Classes are balanced in every run of ten examples. An image depends on `seed`, its split and its
 * index alone: fewer examples are the first of more. `data/synthetic.md` says how hard the set is.
 *
 * @example
 * ```ts
 * import { loadSynthetic } from "../mod.ts";
 *
 * const { train, classes } = await loadSynthetic({ trainCount: 100, testCount: 50 });
 * console.assert(train.images.length === 100 * 28 * 28 && classes.length === 10);
 * ```
 *
 * @throws {RangeError} on an option that no set can be made of
 * @throws the signal's reason, soon after it is aborted
 */
export async function loadSynthetic(options: SyntheticOptions = {}): Promise<ImageClassification> {
  const { size = 28, channels = 1, trainCount = 4000, testCount = 2000 } = options;
  const { seed = 0, validation = false, signal } = options;
  assertSeed(seed);
  assertOneOf("size", size, [16, 28, 32]);
  assertOneOf("channels", channels, [1, 3]);
  assertCount("trainCount", trainCount);
  assertCount("testCount", testCount);
  return {
    name: "synthetic",
    classes,
    train: await generate("train", trainCount, [size, size, channels], seed, signal),
    test: await generate(
      validation ? "validation" : "test",
      testCount,
      [size, size, channels],
      seed,
      signal,
    ),
    // Of the distribution, to the digits given; not of the few examples at hand.
    mean: Array<number>(channels).fill(0.5),
    standardDeviation: Array<number>(channels).fill(0.22),
  };
}

/** Images that are painted before signals are looked for: some 20 ms. */
const TURN = 512;

/** Lets signals arrive, which they do between turns of the event loop. */
async function turn(image: number, signal: AbortSignal | undefined): Promise<void> {
  if (image % TURN !== 0) return;
  await setImmediate();
  signal?.throwIfAborted();
}

async function generate(
  split: "train" | "test" | "validation",
  count: number,
  shape: ImageSet["shape"],
  seed: number,
  signal: AbortSignal | undefined,
): Promise<ImageSet> {
  const [size, , channels] = shape;
  const bytes = size * size * channels;
  const images = new Uint8Array(count * bytes);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i += classes.length) {
    await turn(i, signal);
    const order = permutation(randomStream(seed, `${split}/labels`, i), classes.length);
    labels.set(order.subarray(0, count - i), i);
  }
  for (let i = 0; i < count; i++) {
    await turn(i, signal);
    const image = images.subarray(i * bytes, (i + 1) * bytes);
    const random = randomStream(seed, `${split}/images`, i);
    paintScene(image, size, channels, drawers[labels[i]!]!, random);
  }
  return { images, labels, shape };
}

function assertOneOf(name: string, value: number, allowed: readonly number[]): void {
  if (!allowed.includes(value)) {
    throw new RangeError(
      `Cannot make the synthetic set with ${name} ${value}: it must be one of ${
        allowed.join(", ")
      }`,
    );
  }
}

function assertCount(name: string, count: number): void {
  // 2^20 images of 32 x 32 x 3 are 3 GB, the most that one typed array should hold.
  if (!Number.isInteger(count) || count < 1 || count > 2 ** 20) {
    throw new OptionError(
      name,
      `Cannot make the synthetic set with ${name} ${count}: it must be an integer from 1 to 1048576`,
    );
  }
}
