import type { Series } from "./_series.ts";

/** A quantitative x axis with marks at some values only. */
export interface MarkedAxis {
  readonly title: string;
  /** Its ticks, ascending; at least one. */
  readonly values: readonly number[];
  readonly scale: "linear" | "log";
}

/** Pixels between neighbouring marks at one value, where there is room for them. */
const STEP = 13;

/** Where such an axis begins and ends, and where the marks of each series are. */
export function placesOf(
  { values, scale }: MarkedAxis,
  series: readonly Series[],
  width: number,
): {
  readonly domain: [number, number];
  /** Puts the series of one value side by side, so that their intervals do not hide one another. */
  readonly place: (at: number, label: string) => number;
} {
  const isLog = scale === "log";
  const ahead = (value: number) => isLog ? Math.log10(value) : value;
  const back = (value: number) => Number((isLog ? 10 ** value : value).toPrecision(6));
  const along = values.map(ahead);
  const between = gap(along, isLog ? 1 : 20);
  const pad = 0.6 * between;
  const [start, end] = [along[0]! - pad, along.at(-1)! + pad];
  const step = Math.min(STEP * (end - start) / width, 0.6 * between / series.length);
  return {
    domain: [back(start), back(end)],
    place: (at, label) => {
      const index = series.findIndex((one) => one.label === label);
      return back(ahead(at) + step * (index - (series.length - 1) / 2));
    },
  };
}

/** The smallest distance between two values, or that `alone` if there is only one. */
function gap(values: readonly number[], alone: number): number {
  const gaps = values.slice(1).map((value, i) => value - values[i]!);
  return gaps.length > 0 ? Math.min(...gaps) : alone;
}
