/** Sums over a set that is evaluated, by one process or by several that share it. @module */
import { leaves, tf, type Tree } from "../tensorflow/mod.ts";
import { type Batches, checkedEpoch, examplesIn } from "./batches.ts";
import type { EvaluationShare } from "./task.ts";

/** What is found of a batch. */
export interface Found {
  /** Sums over its examples, by name. */
  readonly sums: readonly (readonly [name: string, value: number])[];
  /** Whether each example is right; default it is not told. */
  readonly right?: readonly boolean[];
}

/** What is found of a set. */
export interface Summed {
  readonly sums: Readonly<Record<string, number>>;
  readonly examples: number;
  /** Whether each example is right, in the order of the set. */
  readonly right: readonly boolean[];
}

/** How an evaluation is made. */
export interface SummingOptions {
  /** Leaves it after the batch that is running. */
  readonly signal: AbortSignal | undefined;
  /** This worker's; of those that share a set, each has every `count`th batch from its `index`th on. */
  readonly share: EvaluationShare | undefined;
}

/**
 * Sums over this worker's batches, and then over those of all.
 *
 * @returns undefined if the signal is aborted before it is done, here or in another worker
 */
export async function summed<B>(
  own: Pick<Batches<B>, "epoch">,
  step: (batch: B) => Promise<Found>,
  { signal, share }: SummingOptions,
): Promise<Summed | undefined> {
  const part = await partOf(own, step, signal);
  if (share === undefined) return part && whole([part]);
  const parts = await share.gather(part && textOf(part));
  return parts && whole(parts.map(partFrom));
}

/** What a worker finds of its batches. */
interface Part {
  readonly sums: ReadonlyMap<string, number>;
  readonly examples: number;
  /** By batch. */
  readonly right: readonly (readonly boolean[])[];
}

async function partOf<B>(
  own: Pick<Batches<B>, "epoch">,
  step: (batch: B) => Promise<Found>,
  signal: AbortSignal | undefined,
): Promise<Part | undefined> {
  const sums = new Map<string, number>();
  const right: (readonly boolean[])[] = [];
  let examples = 0;
  if (signal?.aborted) return undefined;
  for await (const batch of checkedEpoch(own)) {
    const count = examplesIn(batch);
    const found = await step(batch);
    for (const [name, value] of found.sums) sums.set(name, (sums.get(name) ?? 0) + value);
    right.push(found.right ?? []);
    examples += count;
    if (signal?.aborted) return undefined;
  }
  return { sums, examples, right };
}

/** The parts together: the workers had the batches in turn. */
function whole(parts: readonly Part[]): Summed {
  const sums = new Map<string, number>();
  for (const part of parts) {
    for (const [name, value] of part.sums) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const turns = Math.max(...parts.map(({ right }) => right.length));
  const right = Array.from(
    { length: turns },
    (_, turn) => parts.flatMap((part) => part.right[turn] ?? []),
  );
  return {
    sums: Object.fromEntries(sums),
    examples: parts.reduce((sum, { examples }) => sum + examples, 0),
    right: right.flat(),
  };
}

/** Numbers as texts: JSON has none that are not finite. */
function textOf({ sums, examples, right }: Part): string {
  return JSON.stringify({
    sums: [...sums].map(([name, value]) => [name, `${value}`]),
    examples,
    right: right.map((batch) => batch.map(Number).join("")),
  });
}

function partFrom(text: string): Part {
  const { sums, examples, right }: {
    sums: [name: string, value: string][];
    examples: number;
    right: string[];
  } = JSON.parse(text);
  return {
    sums: new Map(sums.map(([name, value]) => [name, Number(value)])),
    examples,
    right: right.map((batch) => Array.from(batch, (bit) => bit === "1")),
  };
}

/**
 * A worker's batches of a set that it has to read as a whole: as many as the set says that it has.
 *
 * @throws Error if it has fewer
 */
export function inTurn<B>(
  set: Batches<B>,
  share: EvaluationShare | undefined,
): Pick<Batches<B>, "epoch"> {
  const { count, index } = share ?? { count: 1, index: 0 };
  return {
    async *epoch(seed) {
      let batch = 0;
      for await (const found of checkedEpoch(set, seed)) {
        if (batch % count === index) yield found;
        else tf.dispose(leaves(found as Tree));
        if (++batch === set.size) return;
      }
      throw new Error(
        `Cannot evaluate: the data ended after batch ${batch} of ${set.size}. Give them the size that ` +
          "they have",
      );
    },
  };
}
