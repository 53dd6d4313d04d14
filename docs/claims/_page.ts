/** The tables of docs/experiments.md and of the README, made of the records: no number is typed. @module */
import type { plots, runs } from "sam";
import { machinesOf } from "../../notebooks/experiments/notebook_runs.ts";
import { describeFinding } from "../../lib/statistics/mod.ts";
import { type Claim, claims, isSamAlone } from "./_claims.ts";
import type { Evidence, Recorded } from "./_evidence.ts";
import { markdownTable } from "../../lib/terminal/mod.ts";

const MARKERS = {
  claims: ["<!-- deno task claims -->", "<!-- end of claims -->"],
  costs: ["<!-- deno task claims: costs -->", "<!-- end of costs -->"],
  summary: ["<!-- deno task claims: summary -->", "<!-- end of summary -->"],
} as const;

/** The page with the records' tables between its markers. */
export function withClaims(page: string, evidence: Evidence): string {
  const costs = between(page, MARKERS.costs, costTable(evidence.recorded));
  return between(costs, MARKERS.claims, claimsTable(evidence));
}

/** The README with what its reader asks first between its markers. */
export function withSummary(
  readme: string,
  { replication, noise, errorReduction }: Evidence,
): string {
  const first = noise.filter((one) =>
    isSamAlone(one) && one.condition === "" && /^(SGD|Mixup)/.test(one.baseline.name)
  );
  const clean = errorReduction.filter((one) =>
    isSamAlone(one) && one.treated.runs[0]!.settings?.augmentation !== "none"
  );
  const row = (of: string) => ({ treated, baseline, condition, finding }: plots.Comparison) => [
    [noiseOf(treated) || "clean", condition, of].filter(Boolean).join(", "),
    `${treated.name} beside ${baseline.name}`,
    describeFinding(finding),
  ];
  const rows = [
    ...replication.map(row("new seeds, fixed before their first run")),
    ...first.map(row("first seeds")),
    ...clean.map(row("")),
  ];
  return between(
    readme,
    MARKERS.summary,
    markdownTable([["labels", "test error of", "is, by 95 % intervals over n seeds"], ...rows]),
  );
}

function between(page: string, [begin, end]: readonly [string, string], text: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`Cannot write the tables: the page lacks the lines ${begin} and ${end}`);
  }
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** A line for each comparison that tests a claim, or one that says why there is none. */
export function claimsTable(evidence: Evidence): string {
  const rows = claims.flatMap((claim) => {
    const found = claim.evidence?.(evidence) ?? [];
    const [first, ...others] = found.length === 0
      ? [["–", claim.reason ?? "not measured here", "–"]]
      : found.map((one) => cellsOf(claim, one, rivalsOf(one, evidence)));
    return [
      [claim.claim, claim.source, ...first!],
      ...others.map((cells) => ["", "", ...cells]),
    ];
  });
  return markdownTable([["claim", "in the paper", "here", "found", "difference, points"], ...rows]);
}

/** Of the same figure, what is treated beside all its baselines. */
function rivalsOf(one: plots.Comparison, evidence: Evidence): readonly plots.Comparison[] {
  const { recorded: _, ...figures } = evidence;
  const figure = Object.values(figures).find((figure) => figure.includes(one)) ?? [];
  return figure.filter(({ condition, treated }) =>
    condition === one.condition && treated.name === one.treated.name
  );
}

function cellsOf(
  claim: Claim,
  { condition, treated, baseline, finding, resampled, shared }: plots.Comparison,
  rivals: readonly plots.Comparison[],
) {
  const what = `${treated.name} beside ${baseline.name}`;
  const images = resampled?.interval === undefined
    ? ""
    : `; images too: ${
      resampled.interval.map((end) => (100 * end).toFixed(1).replace("-", "−")).join(" to ")
    }`;
  return [
    [condition || noiseOf(treated) || shared, what].filter(Boolean).join(": "),
    wordOf(claim, finding.verdict, rivals.map(({ finding }) => finding.verdict)),
    describeFinding({ ...finding, verdict: "not told apart" })
      .replace(/^not told apart: (.*?) points/, "$1") + images,
  ];
}

/** The rate of wrong labels of a figure in which all runs have the same. */
function noiseOf({ runs: [run] }: plots.RunGroup): string {
  const { labelNoise } = run!;
  return labelNoise > 0 ? `${(100 * labelNoise).toFixed(0)} % label noise` : "";
}

/**
 * What a verdict makes of a claim; the verdict itself where the claim expects nothing, and where it is
 * about the better of the baselines and another one is not told apart.
 */
function wordOf(
  { expected, besideBest = false }: Claim,
  verdict: string,
  rivals: readonly string[],
): string {
  if (expected === undefined || verdict === "not told apart") return verdict;
  if (verdict !== expected) return "**contradicted**";
  return besideBest && rivals.some((rival) => rival !== expected) ? verdict : "**confirmed**";
}

/** What the recorded runs took, and how fast they were. */
export function costTable(recorded: readonly Recorded[]): string {
  const rows = recorded.map(({ name, rows, records }) => {
    const planned = [...new Set(rows.map(({ run }) => run))].map((run) => records.get(run)!);
    const seconds = planned.reduce((sum, { result }) => sum + (result.seconds ?? 0), 0);
    return [
      `\`${name}\``,
      String(planned.length),
      (seconds / 3600).toFixed(1),
      speedOf(planned.filter(({ config }) => config.samRho === 0)),
      speedOf(planned.filter(({ config }) => config.samRho > 0)),
      machinesOf(planned),
    ];
  });
  const head = [
    "experiment",
    "runs",
    "hours of one process",
    "SGD, images/s",
    "SAM, images/s",
    "on",
  ];
  return markdownTable([head, ...rows]);
}

/** Images trained on in a second, evaluations included; "–" where the number of images is not told. */
function speedOf(planned: readonly runs.FinishedRun[]): string {
  const told = planned.filter(({ config, result }) =>
    config.trainCount !== undefined && result.seconds !== undefined
  );
  if (told.length === 0) return "–";
  const images = told.reduce((sum, { config }) => sum + config.trainCount! * config.epochs, 0);
  const seconds = told.reduce((sum, { result }) => sum + result.seconds!, 0);
  return (images / seconds).toFixed(0);
}
