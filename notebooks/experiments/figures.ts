/**
 * What is compared in each figure of the notebooks: all p-values of one figure are corrected together,
 * in the notebook and wherever else its results are told.
 *
 * @module
 */
import { plots, type runs, statistics } from "sam";

/** Rows as they are given, and what all of these take. */
type Rows = readonly runs.RunRow[];
type Options = plots.ComparisonOptions;

/** The base optimizer at as many epochs, and at as much computation. */
const [SGD, LONGER] = ["SGD", "SGD, twice the epochs"];

/** SAM beside SGD at as many epochs and at as much computation: what the replication asks. */
export function replicationFigure(rows: Rows, options?: Options): plots.Comparison[] {
  return plots.compareMethods(rows, { ...options, pairs: [["SAM", SGD!], ["SAM", LONGER!]] });
}

/** The same, and the two of SGD. */
export function errorReductionFigure(rows: Rows, options?: Options): plots.Comparison[] {
  const pairs = [["SAM", SGD!], ["SAM", LONGER!], [LONGER!, SGD!]] as const;
  return plots.compareMethods(rows, { ...options, pairs });
}

/** Comparisons of several figures as those of one: corrected together for all that it shows. */
export function inOneFigure(comparisons: readonly plots.Comparison[]): plots.Comparison[] {
  const found = statistics.findings(comparisons.map(({ finding }) => finding));
  return comparisons.map((one, index) => ({ ...one, finding: found[index]! }));
}

/** The rate of noise at which claims are made: the one nearest to 40 %. */
export function mainNoise(rows: Rows): number {
  const rates = [...new Set(rows.filter(isPlain).map(({ labelNoise }) => labelNoise))];
  return rates.sort((a, b) => Math.abs(a - 0.4) - Math.abs(b - 0.4))[0]!;
}

/** Whether a run is of symmetric noise without augmentation. */
export function isPlain({ labelNoiseKind, augmentation }: runs.RunRow): boolean {
  return labelNoiseKind === "symmetric" && augmentation === "none";
}

/** Rows of symmetric noise without augmentation of the main rate, and all others. */
export function byNoise(
  rows: Rows,
): { readonly main: runs.RunRow[]; readonly others: runs.RunRow[] } {
  const rate = mainNoise(rows);
  const isMain = (row: runs.RunRow) => row.labelNoise === rate && isPlain(row);
  return { main: rows.filter(isMain), others: rows.filter((row) => !isMain(row)) };
}

/** SAM beside every rival under each kind and rate of noise, and beside SAM with a rival's targets. */
export function noiseFigure(rows: Rows, options?: Options): plots.Comparison[] {
  const methods = [...new Set(rows.map(({ method }) => method))];
  const rivals = methods.filter((method) => !method.startsWith("SAM"));
  const joined = methods.filter((method) => method.startsWith("SAM +"));
  return plots.compareMethods(rows, {
    ...options,
    pairs: [
      ...rivals.map((rival) => ["SAM", rival] as const),
      ...joined.map((method) => [method, "SAM"] as const),
    ],
  });
}

/** Each radius beside SGD. */
export function radiusFigure(
  rows: readonly plots.PlottedRow[],
  options?: Options,
): plots.Comparison[] {
  const label = (rho: plots.Setting) => rho === 0 ? "ρ = 0 (SGD at SAM's settings)" : `ρ = ${rho}`;
  return plots.compareSettings(rows, { ...options, entry: "rho", from: 0, label });
}

const WHOLE = "the batch";

/** The rows with words for the groups that share a perturbation, in place of the settings they come from. */
export function grouped(rows: Rows) {
  return rows.map(({ m, syncBatchNorm, ...row }) => ({
    ...row,
    groups: m === "none" || m === row.batchSize
      ? WHOLE
      : `${m}, normalised by ${syncBatchNorm === true ? "the batch" : "the group"}`,
  }));
}

/** Smaller groups beside the whole batch, for SGD as the control and for SAM. */
export function groupsFigure(rows: Rows, options?: Options): plots.Comparison[] {
  const label = (groups: plots.Setting) =>
    groups === WHOLE ? "m = the batch" : `m = ${String(groups).replace(", ", " ")}`;
  return plots.compareSettings(grouped(rows), { ...options, entry: "groups", from: WHOLE, label });
}

/** SAM beside SGD in the same groups. */
export function sameGroupsFigure(rows: Rows, options?: Options): plots.Comparison[] {
  return plots.compareMethods(grouped(rows), { ...options, pairs: [["SAM", SGD!]] });
}

/** The rows with words for batch size and length, of which one follows from the other. */
export function batched(rows: Rows) {
  const shortest = Math.min(...rows.map(({ epochs }) => epochs));
  return rows.map(({ batchSize, epochs, ...row }) => ({
    ...row,
    batchSize: `${batchSize}, ${epochs === shortest ? "as many epochs" : "as many steps"}`,
  }));
}

/** The rows with the share of wrong labels in front of a setting's value, the largest share first. */
export function byLabels<Row extends { readonly labelNoise: number }>(
  rows: readonly Row[],
  setting: keyof Row & string,
) {
  return rows.toSorted((a, b) => b.labelNoise - a.labelNoise).map((row) => ({
    ...row,
    [setting]: `${row.labelNoise === 0 ? "clean" : `${100 * row.labelNoise} % noise`}: ${
      row[setting]
    }`,
  }));
}

/**
 * The sentence of a notebook's first screen: what was asked, and what may be said, once for all conditions
 * of which the same may be said.
 */
export function headline(comparisons: readonly plots.Comparison[]): string {
  const groups = Map.groupBy(
    comparisons,
    ({ treated, baseline, finding }) => [treated.name, baseline.name, finding.verdict].join("\n"),
  );
  const parts = Array.from(groups.values(), (group) => {
    const { treated, baseline, finding: { verdict } } = group[0]!;
    if (group.length === 1) return plots.describeComparison(group[0]!);
    const word = verdict === "not told apart" ? `${verdict} from` : `${verdict} than`;
    const details = group.map((one) => `${one.condition}: ${describeSize(one)}`);
    return `${treated.name} is ${word} ${baseline.name} (${details.join("; ")})`;
  });
  return claim(comparisons, parts.join("; "));
}

/** The same of many values of a setting beside one: which are lower, which higher, which not told. */
export function headlineByVerdict(comparisons: readonly plots.Comparison[]): string {
  return claim(comparisons, byVerdict(comparisons).join(" – "));
}

/** A sentence for each condition, in which all values of a setting are compared with the same one. */
export function byVerdict(comparisons: readonly plots.Comparison[]): string[] {
  const conditions = Map.groupBy(comparisons, ({ condition }) => condition);
  return Array.from(conditions, ([condition, group]) => {
    const verdicts = Map.groupBy(group, ({ finding }) => finding.verdict);
    const parts = (["lower", "higher", "not told apart"] as const).flatMap((verdict) => {
      const found = verdicts.get(verdict) ?? [];
      if (found.length === 0) return [];
      const details = found.map((one) => `${one.treated.name} (${describeSize(one)})`);
      return `${verdict} at ${details.join(", ")}`;
    });
    const where = condition && `${condition}, `;
    return `${where}beside ${group[0]!.baseline.name}, the error is ${parts.join("; ")}`;
  });
}

/** "SAM beside SGD −3.3 points [−4.4, −2.2], n = 30": differences by themselves, without a verdict. */
export function describeDifferences(comparisons: readonly plots.Comparison[]): string {
  return comparisons.map(({ treated, baseline, finding }) => {
    const size = statistics.describeFinding({ ...finding, verdict: "not told apart" })
      .slice("not told apart: ".length);
    return `${treated.name} beside ${baseline.name} ${size}`;
  }).join("; ");
}

function claim([first]: readonly plots.Comparison[], sentences: string): string {
  if (first === undefined) return "**There is nothing to compare.**";
  return `**Test error${first.shared ? ` (${first.shared})` : ""}: ${sentences}.**`;
}

/** "by 1.4 points [0.6, 2.2], n = 10"; of what is not told apart the difference, with its sign. */
function describeSize(one: plots.Comparison): string {
  const said = plots.describeComparison({ ...one, condition: "" });
  return said.slice(`${one.treated.name} is `.length)
    .replace(/^(lower than|higher than|not told apart from) /, "")
    .slice(one.baseline.name.length).replace(/^:? /, "");
}
