import type { TopLevelSpec } from "vega-lite";
import { TIP } from "./_encodings.ts";
import { type Layer, SCHEMA } from "./_spec.ts";
import { compact, lines, plusMinus } from "./_text.ts";
import { type EpochChoice, groupRuns, type PlottedRow, selectEpoch } from "./select_epochs.ts";
import { describeFinding, estimateMean } from "../statistics/mod.ts";
import { compare } from "./comparisons.ts";
import { INK, theme, VERDICT_COLORS } from "./theme.ts";

/** A row that also has the entries of its run's configuration. */
export type ConfiguredRow = PlottedRow & {
  /** Identity of the run, the same for all its epochs. */
  readonly run: string;
};

/** An entry of a run's configuration as an axis. */
export interface SettingAxis {
  /** Name of the entry in the rows. */
  readonly field: string;
  /** The axis's title. */
  readonly title: string;
  /** The text of a value; default the value itself. */
  readonly label?: (value: number | string) => string;
}

/** What `ablationHeatmap` lets one choose. */
export interface AblationHeatmapOptions {
  /** Its lowest value is what the other cells of a row are compared with. */
  readonly x: SettingAxis;
  readonly y: SettingAxis;
  readonly title?: string;
}

const CHOICES: readonly EpochChoice[] = ["last", "best"];

/**
 * Mean test error over seeds for each pair of values of two settings. Coloured and in bold are only the
 * cells that are told apart from the first one in their row, by pairs of equal seeds and after Holm's
 * correction for the whole map: the colour is the difference. Where runs were evaluated more than once,
 * the reader chooses between the last and the best epoch in the chart; of the best one, which test images
 * have chosen, nothing is told apart. Diverged runs are in no mean.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { ablationHeatmap } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 * const configured = rows.map((row) => ({ ...row, run: row.method, batchSize: 25 }));
 * const spec = ablationHeatmap(configured, {
 *   x: { field: "rho", title: "ρ" },
 *   y: { field: "batchSize", title: "batch size" },
 * });
 * assertStringIncludes(String(spec.description), "Lowest: 24.0 % at 0.05 and 25");
 * ```
 *
 * @throws RangeError if a row lacks one of the two settings
 */
export function ablationHeatmap(
  rows: readonly ConfiguredRow[],
  { x, y, title = `Test error by ${x.title} and ${y.title}` }: AblationHeatmapOptions,
): TopLevelSpec {
  const [across, down] = [valuesOf(rows, x), valuesOf(rows, y)];
  const cells = cellsOf(rows, x, y);
  const isFollowed = new Set(cells.map(({ choice }) => choice)).size > 1;
  return {
    $schema: SCHEMA,
    description: describe(title, cells),
    title: {
      text: title,
      subtitle: lines([
        "Mean over seeds in per cent ± half the 95 % interval (Student's t)",
        `Coloured and bold: told apart from ${x.title} = ${textOf(x, across[0]!)} in the same row${
          isFollowed ? " after the last epoch" : ""
        } (pairs of seeds, Holm)`,
      ]),
    },
    ...isFollowed && {
      params: [EPOCH_CHOICE],
      transform: [{ filter: "datum.choice === epoch" }],
    },
    data: { values: cells },
    width: { step: 110 },
    height: { step: 44 },
    encoding: {
      x: settingEncoding(x, "x", across),
      y: settingEncoding(y, "y", [...down].reverse()),
    },
    layer: [cellMarks(x, y, cells), cellTexts(cells)],
    config: theme,
  };
}

/** Lets the reader choose the epoch. */
const EPOCH_CHOICE = {
  name: "epoch",
  value: "last",
  bind: {
    input: "select" as const,
    options: [...CHOICES],
    labels: ["the last epoch", "the best epoch (chosen on the test set)"],
    name: "Test error at ",
  },
};

function settingEncoding(
  setting: SettingAxis,
  field: "x" | "y",
  sort: readonly (number | string)[],
) {
  return {
    field,
    type: "ordinal" as const,
    sort: sort.map((value) => textOf(setting, value)),
    title: setting.title,
    axis: {
      ...{ labelAngle: 0, domain: false, ticks: false },
      // Words in place of numbers are long: whole, and clear of the title.
      ...{ labelLimit: 300, maxExtent: 340 },
    },
  };
}

/** Cells by their difference from the first one in their row; grey where it is not told. */
function cellMarks(x: SettingAxis, y: SettingAxis, cells: readonly Cell[]): Layer {
  const largest = largestOf(cells);
  return {
    mark: { type: "rect", stroke: INK.paper, strokeWidth: 2 },
    encoding: {
      color: {
        field: "told",
        type: "quantitative",
        scale: {
          domain: [-largest, 0, largest],
          range: [VERDICT_COLORS.lower, INK.grid, VERDICT_COLORS.higher],
          interpolate: "rgb",
        },
        legend: { title: "Difference, points", gradientLength: 180 },
      },
      tooltip: [
        { field: "x", title: x.title },
        { field: "y", title: y.title },
        { field: "text", title: "Test error, %" },
        { field: "finding", title: "Beside the first of the row" },
        TIP.seeds,
      ],
    },
  };
}

/** The figures, dark on a strong colour on any screen, and bold where the cell is told apart. */
function cellTexts(cells: readonly Cell[]): Layer {
  const largest = largestOf(cells);
  return {
    mark: {
      type: "text",
      fontSize: 14,
      fontWeight: { expr: "datum.told === 0 ? 'normal' : 'bold'" },
    },
    encoding: {
      text: { field: "text" },
      color: {
        condition: {
          test: `abs(datum.told) > ${compact(largest / 2)}`,
          value: ON_COLOR,
        },
        value: INK.text,
      },
    },
  };
}

/** Figures on the strong half of the colours, which are light enough for it on dark screens too. */
const ON_COLOR = "#101214";

/** The end of the colours, in points; 1 where nothing is told apart. */
function largestOf(cells: readonly Cell[]): number {
  return Math.max(...cells.map(({ told }) => Math.abs(told))) || 1;
}

interface Cell {
  readonly x: string;
  readonly y: string;
  readonly choice: EpochChoice;
  /** In per cent; NaN if every run diverged. */
  readonly mean: number;
  readonly text: string;
  /** By how much it is told to differ from the first cell of its row, in points; else 0. */
  readonly told: number;
  /** What may be said of it and the first cell of its row. */
  readonly finding: string;
  readonly seeds: number;
}

function cellsOf(rows: readonly ConfiguredRow[], x: SettingAxis, y: SettingAxis): Cell[] {
  const groups = Map.groupBy(
    rows,
    (row) => `${textOf(x, settingOf(row, x))}\n${textOf(y, settingOf(row, y))}`,
  );
  const cells = Array.from(groups, ([key, group]) => {
    const [across = "", down = ""] = key.split("\n");
    return { x: across, y: down, runs: groupRuns(group) };
  });
  const first = textOf(x, valuesOf(rows, x)[0]!);
  const isFollowed = cells.some(({ runs }) => runs.some(({ rows }) => rows.length > 1));
  return CHOICES.slice(0, isFollowed ? 2 : 1).flatMap((choice) => {
    const comparisons = compare(
      cells.flatMap((cell) => {
        const base = cells.find((other) => other.x === first && other.y === cell.y);
        return base === undefined || base === cell ? [] : [{
          condition: "",
          treated: { name: cell.x, runs: cell.runs },
          baseline: { name: first, runs: base.runs },
        }];
      }),
      { epoch: choice },
    );
    return cells.map(({ x, y, runs }): Cell => {
      const errors = runs.flatMap((run) => selectEpoch(run, choice)?.testError ?? []);
      const estimate = errors.length > 0 ? estimateMean(errors) : undefined;
      const found = comparisons.find(({ treated }) => treated.runs === runs)?.finding;
      const isTold = found !== undefined && found.verdict !== "not told apart";
      return {
        ...{ x, y, choice },
        mean: estimate ? compact(100 * estimate.value) : NaN,
        text: estimate ? plusMinus(estimate, 1) : "diverged",
        told: isTold ? compact(100 * found.value) : 0,
        finding: found && choice === "last" ? describeFinding(found) : "–",
        seeds: errors.length,
      };
    });
  });
}

/** The values of a setting, ascending. */
function valuesOf(rows: readonly ConfiguredRow[], axis: SettingAxis): (number | string)[] {
  const values = [...new Set(rows.map((row) => settingOf(row, axis)))];
  return values.sort((a, b) => typeof a === "number" && typeof b === "number" ? a - b : 0);
}

function settingOf(row: ConfiguredRow, { field }: SettingAxis): number | string {
  const value = (row as unknown as Record<string, unknown>)[field];
  if (typeof value === "number" || typeof value === "string") return value;
  throw new RangeError(`Cannot plot against ${field}: the run ${row.run} has no such setting`);
}

function textOf({ label = String }: SettingAxis, value: number | string): string {
  return label(value);
}

function describe(title: string, cells: readonly Cell[]): string {
  const last = cells.filter(({ choice, mean }) => choice === "last" && Number.isFinite(mean));
  if (last.length === 0) return `${title}. Every run diverged.`;
  const sorted = last.toSorted((a, b) => a.mean - b.mean);
  const [lowest, highest] = [sorted[0]!, sorted.at(-1)!];
  const words = ({ x, y, text }: Cell) => `${text} % at ${x} and ${y}`;
  const told = last.filter((cell) => cell.told !== 0);
  const apart = told.map((cell) => `${cell.x} and ${cell.y}, ${cell.finding}`);
  return `${title}. Lowest: ${words(lowest)}; highest: ${
    words(highest)
  }. Told apart from the first of ` +
    `their row: ${apart.join("; ") || "none"}.`;
}
