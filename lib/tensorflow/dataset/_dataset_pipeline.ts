/** The stages of a data pipeline; what it reads is in `dataset.ts`. @module */
import { type Attribute, attribute, DType, type Values } from "../native/mod.ts";
import { backend } from "../backend/mod.ts";
import { build } from "../compile/mod.ts";
import { showAs } from "../display/mod.ts";
import type { Seed } from "../random.ts";
import { nextElement } from "./_next_element.ts";
import { INT32, MOST_PARALLEL, requireCount, requirePositive } from "./_counts.ts";
import {
  type Component,
  datasetFunction,
  described,
  type ElementSpec,
} from "./_dataset_function.ts";

/** Builds the native data set of one epoch: from its input's id to its own. */
interface Stage {
  (input: number, epoch: Epoch): number;
  /** Of the function that it calls, if it is one that the caller gave. */
  readonly title?: string;
}

/** One pass under construction or under way. */
interface Epoch {
  readonly seed: number;
  /** Of what is drawn for elements; differs from the one above for a share. */
  readonly drawSeed: number;
  run(type: string, attributes: readonly Attribute[], inputs: readonly number[]): number;
  int32(value: number): number;
  int64(value: number): number;
  flag(value: boolean): number;
  string(value: string): number;
  strings(values: readonly string[]): number;
}

/** Where elements have their order, before which nothing is computed of them. */
interface Order {
  /** Stages before it. */
  readonly stages: number;
  readonly spec: ElementSpec;
  /** Elements there. */
  readonly size: number;
  /** Which worker's share it is. */
  readonly share: number;
}

/**
 * A description of a pipeline. It is immutable, and holds nothing in TensorFlow but the arrays of
 * its source; what an epoch needs is made when it starts and released when it ends.
 */
export class Dataset<T> {
  readonly #source: (epoch: Epoch) => number;
  readonly #stages: readonly Stage[];
  readonly #spec: ElementSpec;
  readonly #order: Order;
  /** Elements of an epoch. */
  readonly size: number;

  /** Use {@linkcode fromArrays}. */
  constructor(
    source: (epoch: Epoch) => number,
    spec: ElementSpec,
    size: number,
    stages: readonly Stage[] = [],
    order: Order = { stages: 0, spec, size, share: 0 },
  ) {
    this.#source = source;
    this.#spec = spec;
    this.size = size;
    this.#stages = stages;
    this.#order = order;
  }

  static {
    showAs(
      Dataset.prototype,
      (dataset) => `Dataset of ${dataset.size} elements: ${described(dataset.#spec.structure)}`,
    );
  }

  /**
   * Elements in random order, by the epoch's seed.
   *
   * @param buffer elements among which the next is drawn; default all, a uniform permutation
   */
  shuffle(buffer: number = Math.max(1, this.size)): Dataset<T> {
    requirePositive("shuffle with a buffer of", buffer, Infinity);
    // TensorFlow allocates the whole buffer at once.
    const places = Math.min(buffer, Math.max(1, this.size));
    requirePositive("shuffle with a buffer of", places);
    const shuffled = this.#with((input, epoch) =>
      epoch.run("ShuffleDataset", [
        ...outputs(this.#spec),
        attribute.bool("reshuffle_each_iteration", false),
      ], [input, epoch.int64(places), epoch.int64(SHUFFLE), epoch.int64(epoch.seed)])
    );
    return shuffled.#ordered();
  }

  /**
   * `fn` of each element, in parallel, in order. It is traced once, here; the seed that it is given
   * belongs to the element's position in the epoch. Tensors that it uses besides its arguments are
   * read when an epoch starts, variables with their value then.
   *
   * @throws Error if the function reads values, draws random numbers in JavaScript, keeps a tensor
   * @throws TypeError if its result is not a tree of tensors
   */
  map<U>(
    fn: (element: T, seed: Seed) => U,
    { parallel = navigator.hardwareConcurrency }: { readonly parallel?: number } = {},
  ): Dataset<U> {
    if (typeof fn !== "function") throw new TypeError(`Cannot map by ${fn}: give a function`);
    requirePositive("map with a parallelism of", parallel, MOST_PARALLEL);
    const traced = datasetFunction(fn as (element: unknown, seed: Seed) => unknown, this.#spec);
    const stage = this.#stages.length;
    const position: Component = { dtype: DType.int64, shape: [] };
    const mapped = (input: number, epoch: Epoch) => {
      const range = epoch.run("RangeDataset", outputs({ components: [position] }), [
        epoch.int64(0),
        epoch.int64(Number.MAX_SAFE_INTEGER),
        epoch.int64(1),
      ]);
      const numbered = epoch.run("ZipDataset", [
        ...outputs({ components: [...this.#spec.components, position] }),
        attribute.int("N", 2),
      ], [input, range]);
      const { ids, dtypes } = traced.captures();
      // Stages of one epoch draw different numbers.
      const seed = epoch.int32(mix(epoch.drawSeed, stage));
      return epoch.run("ParallelMapDatasetV2", [
        attribute.function("f", traced.name),
        attribute.type("Targuments", [DType.int32, ...dtypes]),
        ...outputs(traced.result),
        attribute.string("deterministic", "true"),
      ], [numbered, seed, ...ids, epoch.int64(parallel)]);
    };
    const { title, result } = traced;
    return this.#with<unknown>(Object.assign(mapped, { title }), result) as Dataset<U>;
  }

  /**
   * Stacks `size` elements.
   *
   * @param dropRemainder leave the last elements out if they are fewer; default false
   */
  batch(size: number, { dropRemainder = false } = {}): Dataset<T> {
    requirePositive("batch elements by", size);
    const first = dropRemainder ? size : -1;
    const components = this.#spec.components.map(({ dtype, shape }) => ({
      dtype,
      shape: shape && [first, ...shape],
    }));
    const spec = { ...this.#spec, components };
    const count = dropRemainder ? Math.floor(this.size / size) : Math.ceil(this.size / size);
    return this.#with(
      (input, epoch) =>
        epoch.run("BatchDatasetV2", [
          ...outputs(spec),
          attribute.bool("parallel_copy", false),
        ], [input, epoch.int64(size), epoch.flag(dropRemainder)]),
      spec,
      count,
    );
  }

  /** Makes up to `count` elements ahead of their use. */
  prefetch(count = 2): Dataset<T> {
    requirePositive("prefetch", count);
    return this.#with((input, epoch) =>
      epoch.run("PrefetchDataset", outputs(this.#spec), [input, epoch.int64(count)])
    );
  }

  /** Without the first `count` elements: goes on where an epoch was left. */
  skip(count: number): Dataset<T> {
    requireCount("skip", count);
    // TensorFlow skips at most 2³¹ - 1 elements at a time, and all of them by -1.
    const skips: number[] = [];
    if (count >= this.size) skips.push(-1);
    else for (let rest = count; rest > 0; rest -= INT32) skips.push(Math.min(rest, INT32));
    return this.#with(
      (input, epoch) =>
        skips.reduce(
          (id, skip) => epoch.run("SkipDataset", outputs(this.#spec), [id, epoch.int64(skip)]),
          input,
        ),
      this.#spec,
      Math.max(0, this.size - count),
    );
  }

  /** Only the first `count` elements. */
  take(count: number): Dataset<T> {
    requireCount("take", count);
    return this.#with(
      (input, epoch) => epoch.run("TakeDataset", outputs(this.#spec), [input, epoch.int64(count)]),
      this.#spec,
      Math.min(this.size, count),
    );
  }

  /**
   * One worker's share, for several that divide each batch among them: of every `count` runs of `size`
   * elements only the `index`th, as they are ordered at the source and by the last shuffle, before
   * anything is computed of them. The workers' shares of one epoch are of one order; what is drawn for
   * their elements differs.
   *
   * @param size elements of a share of a batch, which later stages have to batch by
   * @param dropRemainder leave runs out that not all workers would have; default false
   */
  share(
    { count, index, size, dropRemainder = false }: {
      readonly count: number;
      readonly index: number;
      readonly size: number;
      readonly dropRemainder?: boolean;
    },
  ): Dataset<T> {
    requirePositive("share elements among", count);
    requirePositive("share runs of", size);
    if (!(Number.isInteger(index) && index >= 0 && index < count)) {
      throw new RangeError(`Cannot take share ${index} of ${count}: they are numbered from 0`);
    }
    const { stages, spec, size: elements } = this.#order;
    const runs = dropRemainder
      ? Math.floor(elements / (size * count)) * count
      : Math.ceil(elements / size);
    const components = spec.components.map(({ dtype, shape }) => ({
      dtype,
      shape: shape && [-1, ...shape],
    }));
    const take: Stage = (input, epoch) => {
      const run = [epoch.int64(size), epoch.flag(dropRemainder)];
      const copy = attribute.bool("parallel_copy", false);
      const of = outputs({ components });
      const batched = epoch.run("BatchDatasetV2", [...of, copy], [input, ...run]);
      const whole = epoch.run("TakeDataset", of, [batched, epoch.int64(runs)]);
      const shard = [epoch.int64(count), epoch.int64(index)];
      const own = epoch.run("ShardDataset", of, [whole, ...shard]);
      return epoch.run("UnbatchDataset", outputs(spec), [own]);
    };
    const ownRuns = Math.ceil((runs - index) / count);
    const hasLast = !dropRemainder && (runs - 1) % count === index;
    const missing = hasLast ? runs * size - elements : 0;
    const share = Math.max(0, ownRuns * size - missing);
    const batch = elements === 0 ? 0 : Math.ceil(share / size);
    return new Dataset<T>(
      this.#source,
      this.#spec,
      this.#spec === spec ? share : batch,
      this.#stages.toSpliced(stages, 0, take),
      { ...this.#order, share: index },
    );
  }

  /**
   * One pass over the elements. The same seed gives the same elements in the same order. The
   * tensors of each are the caller's. A pass that is neither ended nor returned is released with the
   * garbage.
   *
   * @throws RangeError (at the first element) unless the seed is an integer of 32 bits
   */
  epoch(seed = 0): AsyncGenerator<T, void, void> {
    const pass: Pass = { iterator: undefined };
    const elements = this.#elements(seed, pass);
    forgotten.register(elements, pass, pass);
    weights.set(elements, new ArrayBuffer(WEIGHT, { maxByteLength: WEIGHT }));
    return elements;
  }

  async *#elements(seed: number, pass: Pass): AsyncGenerator<T, void, void> {
    if ((seed | 0) !== seed) {
      throw new RangeError(`Cannot seed an epoch with ${seed}: it must be an integer of 32 bits`);
    }
    const types = outputs(this.#spec);
    const { components, structure } = this.#spec;
    const titles = this.#stages.flatMap(({ title }) => title ?? []);
    const iterator = pass.iterator = this.#iterator(seed);
    try {
      while (true) {
        const ids = await nextElement(iterator, types, components.length, titles);
        if (ids === undefined) return;
        let index = 0;
        yield build(
          structure,
          () => backend.createOutputTensor(backend.binding.metadata(ids[index++]!)),
        ) as T;
      }
    } finally {
      forgotten.unregister(pass);
      backend.binding.deleteTensor(iterator);
    }
  }

  #with<U = T>(stage: Stage, spec = this.#spec, size = this.size): Dataset<U> {
    return new Dataset<U>(this.#source, spec, size, [...this.#stages, stage], this.#order);
  }

  /** The same, whose elements have their order here. */
  #ordered(): Dataset<T> {
    const order = {
      ...this.#order,
      stages: this.#stages.length,
      spec: this.#spec,
      size: this.size,
    };
    return new Dataset<T>(this.#source, this.#spec, this.size, this.#stages, order);
  }

  #iterator(seed: number): number {
    const { binding } = backend;
    const made: number[] = [];
    const keep = (id: number) => (made.push(id), id);
    const scalar = (dtype: number, values: Values) => keep(binding.createHandle([], dtype, values));
    const epoch: Epoch = {
      seed,
      drawSeed: this.#order.share === 0 ? seed : mix(seed, this.#order.share),
      run: (type, attributes, inputs) => keep(binding.execute(type, attributes, inputs, 1)[0]!),
      int32: (value) => scalar(DType.int32, Int32Array.of(value)),
      int64: (value) => scalar(DType.int64, BigInt64Array.of(BigInt(value))),
      flag: (value) => scalar(DType.bool, Uint8Array.of(value ? 1 : 0)),
      string: (value) => scalar(DType.string, encoded([value])),
      strings: (values) =>
        keep(binding.createHandle(
          [values.length],
          DType.string,
          encoded(values),
        )),
    };
    try {
      const native = this.#stages.reduce((id, stage) => stage(id, epoch), this.#source(epoch));
      const [iterator] = binding.execute("AnonymousIteratorV3", outputs(this.#spec), [], 1);
      made.push(iterator!);
      binding.execute("MakeIterator", [], [native, iterator!], 0);
      made.pop(); // the caller's from here on
      return iterator!;
    } finally {
      made.forEach((id) => binding.deleteTensor(id));
    }
  }
}

/** What a pass holds in TensorFlow: an iterator, and with it what is made ahead. */
interface Pass {
  iterator: number | undefined;
}

// On another thread, as it waits for elements being made ahead.
const forgotten = new FinalizationRegistry<Pass>(({ iterator }) => {
  if (iterator !== undefined) void backend.binding.deleteAsync(iterator);
});

/**
 * Tells the garbage collector that a pass holds more than it sees. The bytes are reserved and never
 * touched: those of a buffer without a maximum come from the allocator, which clears them and keeps them.
 */
const weights = new WeakMap<object, ArrayBuffer>();
const WEIGHT = 2 ** 22;

/** First half of the seed of a shuffle; not both halves may be zero, which asks for a random one. */
const SHUFFLE = 87654321;

/** A number of 32 bits that changes with both (MurmurHash3's finalizer). */
export function mix(seed: number, stage: number): number {
  let hash = Math.imul(seed, 0x9e3779b1) ^ Math.imul(stage + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

function outputs({ components }: Pick<ElementSpec, "components">): Attribute[] {
  return [
    attribute.type("output_types", components.map(({ dtype }) => dtype)),
    attribute.shapes("output_shapes", components.map(({ shape }) => shape ?? [])),
  ];
}

const encoder = new TextEncoder();

/** Strings as TensorFlow takes them. */
export function encoded(texts: readonly string[]): Uint8Array[] {
  return texts.map((text) => encoder.encode(text));
}
