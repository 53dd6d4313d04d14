import { alignColumns } from "../terminal/mod.ts";
import type { PrimitiveSum } from "./_sums.ts";
import type { Profile } from "./types.ts";

/** Operations that are told of by name; the others are summed up. */
const MOST_OPERATIONS = 20;

const NO_PRIMITIVES = "No figures of oneDNN's own: it computed nothing, this is not Linux, or " +
  "ONEDNN_VERBOSE=profile_exec was not in the environment before its first use.";

/** Where a step's time and memory go, as tables for the terminal. */
export function profileText(
  found: Omit<Profile, "toString" | "trace" | "records">,
): string {
  const { milliseconds, tracedMilliseconds, operationMilliseconds, peakBytes } = found;
  const { layers, operations, primitives } = found;
  const passes = [...new Set(layers.flatMap(({ passes }) => Object.keys(passes)))];
  const sums = ({ milliseconds, share, bytesAtPeak }: (typeof layers)[number] | Rest) => [
    milliseconds.toFixed(1),
    (100 * share).toFixed(1),
    mebibytes(bytesAtPeak),
  ];
  const byLayer = layers.map((sum) => [
    sum.layer || "(none)",
    sum.dtype ?? "",
    ...passes.map((pass) => (sum.passes[pass] ?? 0).toFixed(1)),
    ...sums(sum),
  ]);
  const others = operations.slice(MOST_OPERATIONS);
  const named = [
    ...operations.slice(0, MOST_OPERATIONS),
    ...others.length > 0 ? [{ type: `${others.length} others`, ...addUp(others) }] : [],
  ];
  const byOperation = named.map((sum) => [sum.type, `${sum.operations}`, ...sums(sum)]);
  return [
    `${milliseconds.toFixed(1)} ms a step; with a clock on every operation ` +
    `${tracedMilliseconds.toFixed(1)} ms. Operations take ${
      operationMilliseconds.toFixed(1)
    } ms, ` +
    `some of them at the same time, and hold up to ${mebibytes(peakBytes)} MiB.`,
    "",
    ...columns(["Layer", "in", ...passes, "ms", "%", "MiB at peak"], byLayer),
    "",
    ...columns(["Operation", "number", "ms", "%", "MiB at peak"], byOperation),
    "",
    ...primitives.length > 0 ? primitiveTable(primitives) : [NO_PRIMITIVES],
  ].join("\n");
}

function primitiveTable(primitives: readonly PrimitiveSum[]): string[] {
  const rows = primitives.map(({ primitive, direction, implementation, dtypes, ...sum }) => [
    `${primitive} ${direction}`.trimEnd(),
    implementation,
    dtypes.join(" "),
    `${sum.executions}`,
    sum.milliseconds.toFixed(1),
    (100 * sum.share).toFixed(1),
  ]);
  const head = ["oneDNN's primitive", "by", "in", "number", "ms", "%"];
  return alignColumns([head, ...rows], (column) => column > 2);
}

interface Rest {
  readonly milliseconds: number;
  readonly share: number;
  readonly operations: number;
  readonly bytesAtPeak: number;
}

function addUp(sums: readonly Rest[]): Rest {
  const total = (name: keyof Rest) => sums.reduce((sum, part) => sum + part[name], 0);
  return {
    milliseconds: total("milliseconds"),
    share: total("share"),
    operations: total("operations"),
    bytesAtPeak: total("bytesAtPeak"),
  };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

/** Words to the left, figures to the right. */
function columns(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return alignColumns([head, ...rows], (column) => column > 0 && head[column] !== "in");
}
