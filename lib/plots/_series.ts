import { settingText } from "./_names.ts";
import { augmentationOf, noiseKindOf, type Run, type Setting } from "./select_epochs.ts";
import { methodColor, SHADES } from "./theme.ts";

/**
 * One entry of a legend: a method, with its radius where the rows hold several of them, and with
 * each setting that varies among runs which are otherwise alike.
 */
export interface Series {
  readonly label: string;
  readonly method: string;
  readonly rho: number;
  /** Names and values of the settings that tell this series from others of its method. */
  readonly settings: readonly (readonly [name: string, value: Setting | undefined])[];
  readonly color: string;
  readonly shape: string;
}

/** What assigns a run to a series; numbers from the literature have no settings. */
type Described = Pick<Run, "method" | "rho"> & Partial<Run>;

const SHAPES = ["circle", "square", "diamond", "triangle-up", "triangle-down"];

/**
 * The series of a set of runs: base optimizers (rho 0) first, then the methods as they first
 * appear, each with its radii and settings ascending. A label names them only where it is needed.
 */
export function seriesOf(runs: readonly Described[]): Series[] {
  const methods = [...Map.groupBy(runs, ({ method }) => method)]
    .sort(([, a], [, b]) => Number(isBase(b)) - Number(isBase(a)));
  const series = methods.flatMap(([method, group], index) => {
    const names = varyingSettings(group);
    const hasRadii = new Set(group.map(({ rho }) => rho)).size > 1;
    return variantsOf(group, names).map(({ rho, settings }, i, all) => ({
      label: [
        method,
        ...hasRadii ? [`ρ = ${rho}`] : [],
        ...settingTexts(settings),
      ].join(", "),
      method,
      rho,
      settings,
      color: methodColor(method, index, all.length > 1 ? shadeOf(i, all.length) : 0),
    }));
  });
  return series.map((one, i) => ({ ...one, shape: SHAPES[i % SHAPES.length]! }));
}

/** The series that a run belongs to. */
export function seriesOfRun(series: readonly Series[], run: Described): Series {
  return series.find((one) =>
    one.method === run.method && one.rho === run.rho && hasSettings(run, one)
  )!;
}

/**
 * A series in a sentence, with its radius even where there is one alone, "SAM (ρ = 0.1)", and without
 * commas of its own: "SGD (twice the epochs)".
 */
export function nameOf({ method, rho, settings }: Series): string {
  const [name = "", ...rest] = method.split(", ");
  const details = [...rest, ...rho > 0 ? [`ρ = ${rho}`] : [], ...settingTexts(settings)];
  return details.length > 0 ? `${name} (${details.join(", ")})` : name;
}

/** The settings by which a series is told from others. */
export function settingTexts(settings: Series["settings"]): string[] {
  return settings.map(([name, value]) => settingText(name, value));
}

/** Whether a run was configured as the runs of a series are. */
export function hasSettings({ settings = {} }: Described, series: Pick<Series, "settings">) {
  return series.settings.every(([name, value]) => settings[name] === value);
}

/**
 * The settings in which runs of one method differ that are alike in all that a figure shows
 * anyway. What belongs to the method itself (mixup's augmentation) is the same for all of them.
 */
function varyingSettings(runs: readonly Described[]): string[] {
  const alike = Map.groupBy(
    runs,
    ({ dataset, model, labelNoise = 0, rho, settings = {} }) =>
      JSON.stringify([
        ...[dataset, model, labelNoise, rho, settings.trainCount],
        ...[augmentationOf({ settings }), noiseKindOf({ settings, labelNoise })],
      ]),
  );
  const varying = Array.from(alike.values()).flatMap((group) => {
    const names = new Set(group.flatMap(({ settings = {} }) => Object.keys(settings)));
    return [...names].filter((name) =>
      new Set(group.map(({ settings = {} }) => settings[name])).size > 1
    );
  });
  return [...new Set(varying)];
}

/** The radii and values of these settings that occur, ascending. */
function variantsOf(
  runs: readonly Described[],
  names: readonly string[],
): Pick<Series, "rho" | "settings">[] {
  const variants = runs.map(({ rho, settings = {} }) => ({
    rho,
    settings: names.map((name) => [name, settings[name]] as const),
  }));
  const unique = new Map(variants.map((one) => [JSON.stringify(one), one])).values();
  return [...unique].sort((a, b) =>
    a.rho - b.rho ||
    a.settings.reduce((order, [, value], i) => order || compare(value, b.settings[i]![1]), 0)
  );
}

/** Numbers by size; everything else in the order of the runs. */
function compare(a: Setting | undefined, b: Setting | undefined): number {
  return typeof a === "number" && typeof b === "number" ? a - b : 0;
}

function isBase(runs: readonly Described[]): boolean {
  return runs.every(({ rho }) => rho === 0);
}

/** Spreads the variants of one method from light to dark. */
function shadeOf(index: number, count: number): number {
  const ascending = [...SHADES].sort((a, b) => a - b);
  return ascending[Math.round(index / (count - 1) * (ascending.length - 1))]!;
}
