import { fieldsOf } from "../../system/mod.ts";
import { dtypeName, type Place, placeOf } from "../native/mod.ts";

/** One operation of one run, by TensorFlow's own clock. */
export interface OperationRecord {
  /** Of the node, as TensorFlow's optimizer left it. */
  readonly name: string;
  /** For example `Conv2D`, or `_MklNativeConv2D` where oneDNN computes it. */
  readonly type: string;
  /** Of its first output, for example `bfloat16`; undefined where it has none. */
  readonly dtype: string | undefined;
  /** Absent for nodes that the optimizer made. */
  readonly place: Place | undefined;
  /** Since the run began, in microseconds. */
  readonly start: number;
  readonly microseconds: number;
  readonly thread: number;
  /** Memory that it asked for, its outputs included, in bytes. */
  readonly allocatedBytes: number;
  /** When memory was taken (bytes above 0) and given back (below 0), in microseconds. */
  readonly allocations: readonly { readonly at: number; readonly bytes: number }[];
}

/** The operations in a `RunMetadata`, in the order in which they began. */
export function operationsIn(metadata: Uint8Array): OperationRecord[] {
  const records = messages(metadata, 1) // step_stats
    .flatMap((stats) => messages(stats, 1)) // dev_stats
    .flatMap((device) => messages(device, 2)) // node_stats
    .map(recordOf)
    .sort((a, b) => a.start - b.start);
  const first = records[0]?.start ?? 0;
  return records.map((record) => ({
    ...record,
    start: record.start - first,
    allocations: record.allocations.map(({ at, bytes }) => ({ at: at - first, bytes })),
  }));
}

/** `NodeExecStats` of `tensorflow/core/framework/step_stats.proto`. */
function recordOf(stats: Uint8Array): OperationRecord {
  const name = text(stats, 1);
  const microseconds = (nanoField: number, microField: number) =>
    integer(stats, nanoField) / 1000 || integer(stats, microField);
  const began = microseconds(13, 2);
  const [from, to] = [microseconds(14, 3), microseconds(15, 4)];
  const allocations = messages(stats, 6) // memory
    .flatMap((used) => messages(used, 6)) // allocation_records
    .map((record) => ({ at: integer(record, 1), bytes: integer(record, 2) }));
  return {
    name,
    type: typeIn(text(stats, 8)) ?? name,
    dtype: dtypeOf(stats),
    place: placeOf(name),
    start: began + from,
    microseconds: to - from,
    thread: integer(stats, 10),
    allocatedBytes: messages(stats, 6).reduce((sum, used) => sum + integer(used, 2), 0),
    allocations,
  };
}

/** By `NodeOutput.tensor_description.dtype`. */
function dtypeOf(stats: Uint8Array): string | undefined {
  const [first] = messages(stats, 7).flatMap((output) => messages(output, 3));
  return first === undefined ? undefined : dtypeName(integer(first, 1));
}

/** In a label such as `a/b = Conv2D(x, w)`. */
function typeIn(label: string): string | undefined {
  return / = (\w+)\(/.exec(label)?.[1];
}

function messages(bytes: Uint8Array, wanted: number): Uint8Array[] {
  return Array.from(fieldsOf(bytes))
    .filter(([field]) => field === wanted)
    .map(([, value]) => value as Uint8Array);
}

function integer(bytes: Uint8Array, wanted: number): number {
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === wanted) return Number(value as bigint);
  }
  return 0;
}

function text(bytes: Uint8Array, wanted: number): string {
  const [found] = messages(bytes, wanted);
  return found === undefined ? "" : new TextDecoder().decode(found);
}
