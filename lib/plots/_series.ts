import type { Run } from "./select_epochs.ts";
import { methodColor, SHADES } from "./theme.ts";

/** One entry of a legend: a method, with its radius where the rows hold several of them. */
export interface Series {
  readonly label: string;
  readonly method: string;
  readonly rho: number;
  readonly color: string;
  readonly shape: string;
}

const SHAPES = ["circle", "square", "diamond", "triangle-up", "triangle-down"];

/**
 * The series of a set of runs: base optimizers (rho 0) first, then the methods as they first
 * appear, each with its radii ascending. A label names the radius only where it is needed.
 */
export function seriesOf(runs: readonly Pick<Run, "method" | "rho">[]): Series[] {
  const radii = new Map<string, Set<number>>();
  for (const { method, rho } of runs) {
    radii.set(method, (radii.get(method) ?? new Set()).add(rho));
  }
  const methods = [...radii].sort(([, a], [, b]) => Number(isBase(b)) - Number(isBase(a)));
  const series = methods.flatMap(([method, set], index) =>
    [...set].sort((a, b) => a - b).map((rho, i, all) => ({
      label: all.length > 1 ? `${method}, ρ = ${rho}` : method,
      method,
      rho,
      color: methodColor(method, index, all.length > 1 ? shadeOf(i, all.length) : 0),
    }))
  );
  return series.map((one, i) => ({ ...one, shape: SHAPES[i % SHAPES.length]! }));
}

/** The series that a run belongs to. */
export function seriesOfRun(series: readonly Series[], run: Pick<Run, "method" | "rho">): Series {
  return series.find(({ method, rho }) => method === run.method && rho === run.rho)!;
}

/** Domain and range of a colour scale. */
export function colorScale(series: readonly Series[]): { domain: string[]; range: string[] } {
  return { domain: series.map(({ label }) => label), range: series.map(({ color }) => color) };
}

/** Domain and range of a shape scale. */
export function shapeScale(series: readonly Series[]): { domain: string[]; range: string[] } {
  return { domain: series.map(({ label }) => label), range: series.map(({ shape }) => shape) };
}

function isBase(radii: ReadonlySet<number>): boolean {
  return radii.size === 1 && radii.has(0);
}

/** Spreads the radii of one method from light to dark. */
function shadeOf(index: number, count: number): number {
  const ascending = [...SHADES].sort((a, b) => a - b);
  return ascending[Math.round(index / (count - 1) * (ascending.length - 1))]!;
}
