/** Wrong labels, for experiments on robustness. @module */
import { permutation, randomStream } from "./random_stream.ts";
import type { Labelled } from "./types.ts";

/** Options of {@linkcode withSymmetricLabelNoise}. */
export interface LabelNoiseOptions {
  /** Share of the examples whose label is drawn anew, in [0, 1]. */
  readonly rate: number;
  /** Number of classes. */
  readonly classes: number;
  /** Integer in [0, 2^32). */
  readonly seed: number;
  /** What a new label is drawn from. Default "other-classes". */
  readonly drawFrom?: "other-classes" | "all-classes";
}

/** What a set has besides when some labels were drawn anew. */
export interface LabelNoise {
  /** The labels before, [N]. */
  readonly cleanLabels: Int32Array;
  /** Indices of the examples whose label was drawn anew, ascending. */
  readonly noisyIndices: Int32Array;
}

/**
 * Symmetric label noise: exactly `round(rate * N)` examples, chosen by a seeded permutation, get a
 * label drawn uniformly from the *other* classes, so that `rate` is the share of labels that are
 * wrong and comparisons between rates have no binomial spread.
 *
 * Part of the literature draws from all classes, the true one included ("all-classes"): with ten
 * classes its 80 % are 72 % wrong labels. State which one a figure uses; DivideMix (Li et al. 2020,
 * section 4.1) reports both for this reason.
 *
 * Of one seed, the noise of a lower rate is part of that of a higher one, label by label. Images
 * are shared with `set`, labels are copied.
 *
 * @example
 * ```ts
 * import { loadDataset, withSymmetricLabelNoise } from "./mod.ts";
 *
 * const { train } = await loadDataset("fashion_mnist_small");
 * const noisy = withSymmetricLabelNoise(train, { rate: 0.4, classes: 10, seed: 0 });
 * console.assert(noisy.noisyIndices.length === 800);
 * ```
 *
 * @throws {RangeError} on a rate outside [0, 1], too few classes, a label outside the classes
 */
export function withSymmetricLabelNoise<Examples extends Labelled>(
  set: Examples,
  { rate, classes, seed, drawFrom = "other-classes" }: LabelNoiseOptions,
): Examples & LabelNoise {
  const excluded = drawFrom === "other-classes" ? 1 : 0;
  assertOptions(set, rate, classes, excluded);

  const count = set.labels.length;
  const order = permutation(randomStream(seed, "noise/order"), count);
  const chosen = order.subarray(0, Math.round(rate * count));
  const random = randomStream(seed, "noise/labels");
  const labels = set.labels.slice();
  for (const i of chosen) {
    const drawn = random.below(classes - excluded);
    labels[i] = excluded && drawn >= labels[i]! ? drawn + 1 : drawn;
  }
  return { ...set, labels, cleanLabels: set.labels, noisyIndices: chosen.slice().sort() };
}

/**
 * What the literature confuses in CIFAR-10: truck → automobile, bird → airplane, deer → horse, and cat
 * and dog both ways (Patrini et al. 2017, section 5); and in Fashion-MNIST: boot → sneaker, sneaker →
 * sandal, pullover → shirt, and coat and dress both ways (Zhang & Sabuncu 2018, "Generalized cross
 * entropy loss", section 4.1).
 */
const CONFUSED: readonly Readonly<Record<string, string>>[] = [
  { truck: "automobile", bird: "airplane", deer: "horse", cat: "dog", dog: "cat" },
  {
    "Ankle boot": "Sneaker",
    Sneaker: "Sandal",
    Pullover: "Shirt",
    Coat: "Dress",
    Dress: "Coat",
  },
];

/** Options of {@linkcode withAsymmetricLabelNoise}. */
export interface AsymmetricLabelNoiseOptions extends Pick<LabelNoiseOptions, "rate" | "seed"> {
  /** Names of the classes: those of CIFAR-10 or Fashion-MNIST. */
  readonly classes: readonly string[];
}

/**
 * Asymmetric label noise of CIFAR-10 and Fashion-MNIST: of each class that is confused with another, exactly
 * `round(rate * n)` of its n examples, chosen by a seeded permutation, get the other's label. Five of
 * the ten classes are confused, so that about `rate / 2` of all labels are wrong.
 *
 * Of one seed, the noise of a lower rate is part of that of a higher one. Images are shared with
 * `set`, labels are copied.
 *
 * Source: Patrini et al. 2017, section 5, as used by the label-noise literature since; for
 * Fashion-MNIST Zhang & Sabuncu 2018, section 4.1.
 *
 * @example
 * ```ts
 * import { withAsymmetricLabelNoise } from "./mod.ts";
 *
 * const classes = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");
 * const set = { labels: Int32Array.of(9, 9, 9, 9, 0), shape: [32, 32, 3] as const };
 * const noisy = withAsymmetricLabelNoise(set, { rate: 0.5, classes, seed: 0 });
 * console.assert(noisy.labels.filter((label) => label === 1).length === 2);
 * ```
 *
 * @throws {RangeError} on a rate outside [0, 1], classes of another set, a label outside them
 */
export function withAsymmetricLabelNoise<Examples extends Labelled>(
  set: Examples,
  { rate, classes, seed }: AsymmetricLabelNoiseOptions,
): Examples & LabelNoise {
  assertOptions(set, rate, classes.length, 1);
  const pairs = CONFUSED
    .map((confused) =>
      Object.entries(confused).map((names) => names.map((name) => classes.indexOf(name)))
    ).find((pairs) => !pairs.flat().includes(-1));
  if (pairs === undefined) {
    throw new RangeError(
      "Cannot make labels noisy asymmetrically: what is confused is defined only for the classes of " +
        "CIFAR-10 and Fashion-MNIST",
    );
  }
  const target = new Map(pairs as [number, number][]);
  const order = permutation(randomStream(seed, "noise/order"), set.labels.length);
  const labels = set.labels.slice();
  const chosen: number[] = [];
  for (const [from, to] of target) {
    const own = order.filter((example) => set.labels[example] === from);
    for (const example of own.subarray(0, Math.round(rate * own.length))) {
      labels[example] = to;
      chosen.push(example);
    }
  }
  return {
    ...set,
    labels,
    cleanLabels: set.labels,
    noisyIndices: Int32Array.from(chosen).sort(),
  };
}

function assertOptions(set: Labelled, rate: number, classes: number, excluded: number): void {
  if (!(rate >= 0 && rate <= 1)) {
    throw new RangeError(`Cannot make labels noisy at rate ${rate}: the rate must be in [0, 1]`);
  }
  if (!Number.isInteger(classes) || classes < 1 || (rate > 0 && classes <= excluded)) {
    throw new RangeError(
      `Cannot make labels noisy with ${classes} classes: ` +
        `an integer of at least ${rate > 0 ? 1 + excluded : 1} is needed`,
    );
  }
  const wrong = set.labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot make labels noisy: example ${wrong} has label ${set.labels[wrong]}, ` +
        `but there are ${classes} classes`,
    );
  }
}
