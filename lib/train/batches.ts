import { isRecord } from "../system/mod.ts";
import { dataset, leaves, tf, type Tree } from "../tensorflow/mod.ts";

/**
 * Batches of a data set: a `dataset.Dataset`, what {@linkcode batches} makes of arrays, or any object
 * with a size and an epoch that can be iterated.
 */
export interface Batches<B> {
  /** Batches in an epoch. */
  readonly size: number;
  /** Examples in an epoch, if it is known. */
  readonly examples?: number;
  /**
   * One pass. The same seed must give the same batches in the same order, or a run that was stopped
   * does not go on as if it had not been. The tensors of a batch are the caller's.
   */
  epoch(seed?: number): AsyncIterable<B> | Iterable<B>;
  /** Without the first batches; default: they are made and disposed. */
  skip?(count: number): { epoch(seed?: number): AsyncIterable<B> | Iterable<B> };
}

/** Examples as one array: a tensor, numbers, arrays of numbers, or values with their shape. */
export type ExampleArray =
  | tf.Tensor
  | Float32Array
  | Int32Array
  | Uint8Array
  | readonly number[]
  | readonly (readonly number[])[]
  | dataset.ArraySource;

/** Options of {@linkcode batches}. */
export interface BatchesOptions {
  readonly batchSize: number;
  /** In another order in each epoch, by its seed; default true. */
  readonly shuffle?: boolean;
  /** Leave a last batch out that is not full; default: if they are shuffled. */
  readonly dropRemainder?: boolean;
}

/**
 * Batches of arrays in memory by name, copied once; the first axis is that of the examples. For
 * training they are shuffled; for evaluation say `shuffle: false`.
 *
 * ```ts
 * import { tf, train } from "sam";
 *
 * const arrays = { x: tf.ones([10, 3]), y: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2, 0) };
 * const training = train.batches(arrays, { batchSize: 4 });
 * console.log(training.size, training.examples); // 2, 8
 * ```
 *
 * Of pipelines with functions of their own, `dataset.fromArrays` is the beginning.
 *
 * @throws RangeError unless all have as many examples, and at least one batch
 * @throws TypeError for what is not an array of numbers
 */
export function batches<S extends { readonly [name: string]: ExampleArray }>(
  arrays: S,
  { batchSize, shuffle = true, dropRemainder = shuffle }: BatchesOptions,
): Batches<{ readonly [K in keyof S]: tf.Tensor }> {
  if (!isRecord(arrays)) {
    throw new TypeError("Cannot make batches: give arrays by their names, such as { x, y }");
  }
  const sources = Object.entries(arrays).map(([name, array]) =>
    [name, sourceOf(name, array)] as const
  );
  const elements = dataset.fromArrays(Object.fromEntries(sources));
  const ordered = shuffle ? elements.shuffle() : elements;
  const made = ordered.batch(batchSize, { dropRemainder });
  if (made.size === 0) {
    throw new RangeError(
      `Cannot make batches of ${batchSize} of ${elements.size} examples: choose a smaller batch`,
    );
  }
  const prefetched = made.prefetch() as unknown as dataset.Dataset<{ [K in keyof S]: tf.Tensor }>;
  return {
    size: made.size,
    examples: dropRemainder ? made.size * batchSize : elements.size,
    epoch: (seed) => prefetched.epoch(seed),
    skip: (count) => prefetched.skip(count),
  };
}

/** The batches of an epoch after the first `done`. */
export async function* batchesAfter<B>(
  data: Batches<B>,
  done: number,
  seed: number,
): AsyncGenerator<B> {
  if (data.skip) return yield* checkedEpoch(data.skip(done), seed);
  let index = 0;
  for await (const batch of checkedEpoch(data, seed)) {
    if (index++ < done) tf.dispose(leaves(batch as Tree));
    else yield batch;
  }
}

/**
 * The batches of an epoch, each of tensors that the loop may use and dispose.
 *
 * @throws TypeError for an epoch that cannot be iterated, and for a batch of something else
 */
export async function* checkedEpoch<B>(
  data: Pick<Batches<B>, "epoch">,
  seed?: number,
): AsyncGenerator<B> {
  const epoch: unknown = data.epoch(seed);
  if (!isIterable(epoch)) {
    if (epoch instanceof Promise) epoch.catch(() => {}); // nobody else waits for it
    throw new TypeError(
      `Cannot train on data whose epoch() gives ${
        epoch instanceof Promise ? "a promise" : epoch
      }: it ` +
        "must give an iterable, as a generator function (*epoch or async *epoch) does",
    );
  }
  for await (const batch of epoch as AsyncIterable<B>) {
    checkBatch(batch);
    yield batch;
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof tf.Tensor) &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
}

/** Examples in a batch: the first size of its first tensor. */
export function examplesIn(batch: unknown): number {
  return leaves(batch as Tree)[0]!.shape[0] ?? 1;
}

/** @throws TypeError for a batch of something else than tensors, those that it has being disposed */
function checkBatch(batch: unknown): void {
  const found: readonly unknown[] = leaves(batch as Tree);
  const others = found.filter((leaf) => !(leaf instanceof tf.Tensor));
  const isDisposed = others.length === 0 && found.some((leaf) => (leaf as tf.Tensor).isDisposed);
  if (found.length > 0 && others.length === 0 && !isDisposed) return;
  tf.dispose(found as tf.Tensor[]);
  if (isDisposed) {
    throw new TypeError(
      "Cannot take a batch whose tensors were disposed, as the loop does with every batch after its step: " +
        "the data must yield new ones each time, such as clones",
    );
  }
  const what = found.length === 0 ? "nothing" : `${others[0]}, which is not a tensor`;
  throw new TypeError(
    `Cannot take a batch that holds ${what}: the data must yield tensors, or records or arrays of them`,
  );
}

function sourceOf(name: string, array: ExampleArray): dataset.ArraySource {
  if (isSource(array)) return array;
  if (array instanceof Float32Array || array instanceof Int32Array) {
    return { values: array, shape: [array.length] };
  }
  const isKnown = Array.isArray(array) || array instanceof tf.Tensor || array instanceof Uint8Array;
  if (!isKnown) {
    throw new TypeError(
      `Cannot make batches of ${name}: give a tensor, an array of numbers, a Float32Array, an ` +
        "Int32Array, a Uint8Array, or { values, shape }",
    );
  }
  return tf.tidy(() => {
    const tensor = array instanceof tf.Tensor ? array : tensorOf(name, array as readonly unknown[]);
    const wrong = tensor.isDisposed
      ? "it was disposed"
      : tensor.rank === 0
      ? "it is a scalar, without an axis of examples"
      : tensor.dtype === "complex64"
      ? "it is complex64; give its real and its imaginary part"
      : undefined;
    if (wrong !== undefined) throw new RangeError(`Cannot make batches of ${name}: ${wrong}`);
    return { values: tensor.dataSync(), shape: tensor.shape };
  }) as unknown as dataset.ArraySource;
}

/** @throws TypeError unless all in an array are alike: numbers, or rows of as many */
function tensorOf(name: string, array: readonly unknown[] | Uint8Array): tf.Tensor {
  const kindOf = (item: unknown): string => {
    if (ArrayBuffer.isView(item)) return `number[${(item as Uint8Array).length}]`;
    if (!Array.isArray(item)) return item === null ? "null" : typeof item;
    const kinds = item.map(kindOf);
    const other = kinds.find((kind) => kind !== kinds[0]);
    if (other === undefined) return `${kinds[0] ?? "number"}[${item.length}]`;
    throw new TypeError(
      `Cannot make batches of ${name}: it holds ${kinds[0]} beside ${other}, and all must be alike`,
    );
  };
  const [kind] = kindOf(array).split("[");
  if (kind === "number" || kind === "boolean" || kind === "string") {
    return tf.tensor(array as number[] | number[][]);
  }
  throw new TypeError(`Cannot make batches of ${name}: it holds ${kind}, not numbers`);
}

function isSource(array: ExampleArray): array is dataset.ArraySource {
  return typeof array === "object" && array !== null && "values" in array && "shape" in array &&
    !(array instanceof tf.Tensor) && typeof array.values !== "function";
}
