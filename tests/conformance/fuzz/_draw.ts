import type { tf } from "../../../lib/tensorflow/mod.ts";

/** Values of a tensor, from which each backend makes its own. */
export interface Input {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** One call of a kernel. */
export interface Case {
  readonly inputs: readonly Input[];
  /** The arguments besides the inputs, for messages. */
  readonly text: string;
  run(...inputs: tf.Tensor[]): tf.Tensor | tf.Tensor[];
  /** The same by other operations, where TensorFlow.js's `cpu` backend has a mistake. */
  reference?(...inputs: tf.Tensor[]): tf.Tensor | tf.Tensor[];
}

/** Draws the cases of one operation. */
export type Family = (draw: Draw) => Case;

/** Few elements in all: what is looked for lies in small extents, and the reference is slow. */
const MOST_ELEMENTS = 400;

/** Random shapes, values and choices, the same for each seed (mulberry32). */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** Of an axis: 0 and 1 often, and at most `high`. */
  extent(high = 5): number {
    return this.chance(0.12) ? 0 : this.chance(0.25) ? 1 : this.integer(1, high);
  }

  shape(lowRank: number, highRank: number, high = 5): number[] {
    const shape = Array.from({ length: this.integer(lowRank, highRank) }, () => this.extent(high));
    while (sizeOf(shape) > MOST_ELEMENTS) shape[shape.indexOf(Math.max(...shape))]! -= 1;
    return shape;
  }

  axis(rank: number): number {
    return this.integer(-rank, rank - 1);
  }

  /** Some of the axes, in any order, now and then all of them by `undefined`. */
  axes(rank: number): number[] | undefined {
    if (this.chance(0.2)) return undefined;
    return this.permutation(rank).filter(() => this.chance(0.5));
  }

  permutation(length: number): number[] {
    const order = Array.from({ length }, (_, index) => index);
    for (let last = length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    return order;
  }

  /** Numbers in [low, high), practically none of them twice. */
  floats(shape: readonly number[], low = -2, high = 2): Input {
    const values = Float32Array.from(
      { length: sizeOf(shape) },
      () => low + (high - low) * this.next(),
    );
    return { shape, dtype: "float32", values };
  }

  /** Integers from `low` to `high`, both included. */
  integers(shape: readonly number[], low = -3, high = 5): Input {
    const values = Int32Array.from({ length: sizeOf(shape) }, () => this.integer(low, high));
    return { shape, dtype: "int32", values };
  }

  bools(shape: readonly number[]): Input {
    const values = Uint8Array.from({ length: sizeOf(shape) }, () => this.integer(0, 1));
    return { shape, dtype: "bool", values };
  }

  /** Of a dtype of those, or of all three. */
  any(
    shape: readonly number[],
    dtypes: readonly Input["dtype"][] = ["float32", "int32", "bool"],
  ): Input {
    switch (this.pick(dtypes)) {
      case "float32":
        return this.floats(shape);
      case "int32":
        return this.integers(shape);
      case "bool":
        return this.bools(shape);
    }
  }

  /** A shape that broadcasts with another: some of its axes are 1, or left out. */
  broadcasting(shape: readonly number[]): number[] {
    const other = shape.map((size) => this.chance(0.3) ? 1 : size);
    return other.slice(this.chance(0.3) ? this.integer(0, other.length) : 0);
  }
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
