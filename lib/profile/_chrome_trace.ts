import type { OperationRecord } from "../tensorflow/mod.ts";
import { passOf } from "./_sums.ts";

/**
 * The operations of a step in the trace event format of Chrome, which Perfetto and TensorBoard open: a
 * row for each lane of operations that run at the same time, and the memory that they hold as a curve.
 *
 * Source: "Trace Event Format", Google 2016.
 */
export function chromeTrace(records: readonly OperationRecord[]): string {
  const named = (name: string, of: object) => ({ name, ph: "M", pid: 0, ...of });
  const lanes = lanesOf(records);
  const events: object[] = [named("process_name", { args: { name: "TensorFlow" } })];
  for (let lane = 0; lane <= Math.max(0, ...lanes); lane++) {
    events.push(named("thread_name", { tid: lane, args: { name: `operations ${lane}` } }));
  }
  records.forEach((record, index) =>
    events.push({
      name: record.place?.layer ? `${record.place.layer}: ${record.type}` : record.type,
      cat: passOf(record),
      ph: "X",
      pid: 0,
      tid: lanes[index],
      ts: record.start,
      dur: record.microseconds,
      args: {
        operation: record.name,
        pass: passOf(record),
        ...record.dtype !== undefined && { dtype: record.dtype },
        allocatedBytes: record.allocatedBytes,
      },
    })
  );
  events.push(...memoryCurve(records));
  return JSON.stringify({ displayTimeUnit: "ms", traceEvents: events });
}

/** By operation the first lane that is free: TensorFlow does not tell of its threads on CPUs. */
function lanesOf(records: readonly OperationRecord[]): number[] {
  const ends: number[] = [];
  return records.map(({ start, microseconds }) => {
    const free = ends.findIndex((end) => end <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = start + microseconds;
    return lane;
  });
}

function memoryCurve(records: readonly OperationRecord[]): object[] {
  let bytes = 0;
  return records.flatMap(({ allocations }) => allocations)
    .sort((a, b) => a.at - b.at)
    .map((change) => {
      bytes += change.bytes;
      return { name: "memory", ph: "C", pid: 0, ts: change.at, args: { bytes } };
    });
}
