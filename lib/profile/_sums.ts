import type { OperationRecord, PrimitiveRecord } from "../tensorflow/mod.ts";

/** Time and memory of a part of a step. */
export interface Sum {
  /** Of the part's operations; those of different threads overlap. */
  readonly milliseconds: number;
  /** Of all operations' time, from 0 to 1. */
  readonly share: number;
  readonly operations: number;
  /** Memory of the part's operations when the step holds most. */
  readonly bytesAtPeak: number;
}

/** A layer of the network, or what belongs to none. */
export interface LayerSum extends Sum {
  /** Its path in the model; empty for what belongs to none: losses, norms, the update. */
  readonly layer: string;
  /** What its longest operation gives. */
  readonly dtype: string | undefined;
  /** Milliseconds by pass and direction: `ascent forward`, …; `update` is what is in no pass. */
  readonly passes: Readonly<Record<string, number>>;
}

/** All operations of a type. */
export interface OperationSum extends Sum {
  readonly type: string;
}

/** All executions of one primitive of oneDNN by one implementation. */
export interface PrimitiveSum {
  /** For example `convolution`. */
  readonly primitive: string;
  /** For example `backward_weights`; empty where it has none. */
  readonly direction: string;
  /** What computes it, for example `jit:avx512_core_bf16`. */
  readonly implementation: string;
  /** Of its tensors, in oneDNN's names, for example `bf16`. */
  readonly dtypes: readonly string[];
  /** By oneDNN's clock; those of different threads overlap. */
  readonly milliseconds: number;
  /** Of all primitives' time, from 0 to 1. */
  readonly share: number;
  readonly executions: number;
}

/** By layer in the order in which they are first computed, what belongs to none last. */
export function sumByLayer(records: readonly OperationRecord[]): LayerSum[] {
  const layerOf = ({ place }: OperationRecord) => place?.layer ?? "";
  const held = heldAtPeak(records);
  const sums = Array.from(Map.groupBy(records, layerOf), ([layer, own]) => ({
    layer,
    dtype: longest(own).dtype,
    order: Math.min(...own.map(orderOf)),
    passes: Object.fromEntries(
      Array.from(Map.groupBy(own, passOf), ([pass, own]) => [pass, millisecondsOf(own)]),
    ),
    ...sumOf(own, records, held),
  }));
  return sums
    .sort((a, b) => Number(a.layer === "") - Number(b.layer === "") || a.order - b.order)
    .map(({ order: _, ...sum }) => sum);
}

/** Which of the function's operations it was, as they were written; names end by that number. */
function orderOf({ name }: OperationRecord): number {
  return Number(/_(\d+)$/.exec(name)?.[1] ?? Infinity);
}

function longest(records: readonly OperationRecord[]): OperationRecord {
  return records.reduce((a, b) => b.microseconds > a.microseconds ? b : a);
}

/** By type, the longest first. */
export function sumByOperation(records: readonly OperationRecord[]): OperationSum[] {
  const held = heldAtPeak(records);
  return Array.from(Map.groupBy(records, ({ type }) => type), ([type, own]) => ({
    type,
    ...sumOf(own, records, held),
  })).sort((a, b) => b.milliseconds - a.milliseconds);
}

/** By primitive, direction, implementation and dtypes, the longest first. */
export function sumByPrimitive(records: readonly PrimitiveRecord[]): PrimitiveSum[] {
  const total = records.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const kindOf = ({ primitive, direction, implementation, dtypes }: PrimitiveRecord) =>
    [primitive, direction, implementation, ...dtypes].join();
  return Array.from(Map.groupBy(records, kindOf).values(), (own) => {
    const [{ primitive, direction, implementation, dtypes }] = own as [PrimitiveRecord];
    const milliseconds = own.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    return {
      primitive,
      direction,
      implementation,
      dtypes,
      milliseconds,
      share: milliseconds / (total || 1),
      executions: own.length,
    };
  }).sort((a, b) => b.milliseconds - a.milliseconds);
}

/** `ascent forward`, `descent backward`, …, and `update` for what is in no pass. */
export function passOf({ place }: OperationRecord): string {
  if (place === undefined || place.pass === "") return "update";
  return `${place.pass} ${place.isBackward ? "backward" : "forward"}`;
}

/** The most bytes that operations hold at a time. */
export function peakBytes(records: readonly OperationRecord[]): number {
  return Array.from(heldAtPeak(records).values()).reduce((sum, bytes) => sum + bytes, 0);
}

export function millisecondsOf(records: readonly OperationRecord[]): number {
  return records.reduce((sum, { microseconds }) => sum + microseconds, 0) / 1000;
}

function sumOf(
  own: readonly OperationRecord[],
  all: readonly OperationRecord[],
  held: ReadonlyMap<OperationRecord, number>,
): Sum {
  const milliseconds = millisecondsOf(own);
  return {
    milliseconds,
    share: milliseconds / (millisecondsOf(all) || 1),
    operations: own.length,
    bytesAtPeak: own.reduce((sum, record) => sum + held.get(record)!, 0),
  };
}

/** By operation, the bytes that it holds when all together hold most. */
function heldAtPeak(records: readonly OperationRecord[]): Map<OperationRecord, number> {
  const changes = records.flatMap(({ allocations }) => allocations).sort((a, b) => a.at - b.at);
  let bytes = 0;
  let peak = { at: -Infinity, bytes: 0 };
  for (const change of changes) {
    bytes += change.bytes;
    if (bytes > peak.bytes) peak = { at: change.at, bytes };
  }
  const heldBy = ({ allocations }: OperationRecord) =>
    allocations.filter(({ at }) => at <= peak.at).reduce((sum, { bytes }) => sum + bytes, 0);
  return new Map(records.map((record) => [record, heldBy(record)]));
}
