/** docs/experiments.md against the records of the experiments. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { claims } from "../../docs/claims/_claims.ts";
import { type Evidence, evidenceOf } from "../../docs/claims/_evidence.ts";
import { claimsTable, costTable, withClaims, withSummary } from "../../docs/claims/_page.ts";
import type { Comparison, Run } from "../../lib/plots/mod.ts";

const PAGE = new URL("../../docs/experiments.md", import.meta.url);
const README = new URL("../../README.md", import.meta.url);
const evidence = await evidenceOf();

Deno.test("experiments.md: its tables are those of the records", async () => {
  const page = await Deno.readTextFile(PAGE);
  assertEquals(
    page,
    withClaims(page, evidence),
    "run `deno task claims`, which writes what the records say into docs/experiments.md",
  );
});

Deno.test("README.md: what its reader asks first is as the records say", async () => {
  const readme = await Deno.readTextFile(README);
  const expected = withSummary(readme, evidence);
  assertEquals(readme, expected, "run `deno task claims`, which writes what the records say");
  const [, , replicated] = expected.split("<!-- deno task claims: summary -->")[1]!.trim().split(
    "\n",
  );
  assertMatch(
    replicated!,
    /^\| 40 % label noise, new seeds, fixed before their first run +\| SAM \(ρ = 0\.2\) beside SGD +\| lower by /,
  );
});

Deno.test("experiments.md: every comparison of the notebooks' figures tests a claim", () => {
  const used = new Set(claims.flatMap((claim) => claim.evidence?.(evidence) ?? []));
  for (const [name, figure] of Object.entries(evidence)) {
    if (name === "recorded") continue;
    assert(figure.length > 0, `${name} compares nothing`);
    assert((figure as Comparison[]).some((one) => used.has(one)), `${name} tests no claim`);
  }
});

type Verdict = Comparison["finding"]["verdict"];

/** A comparison of made-up runs. */
function comparison(
  treated: string,
  baseline: string,
  verdict: Verdict,
  settings: Run["settings"] = { augmentation: "basic" },
): Comparison {
  const run = { settings, labelNoise: 0 } as Run;
  return {
    condition: "",
    treated: { name: treated, runs: [run] },
    baseline: { name: baseline, runs: [run] },
    finding: { verdict, value: verdict === "higher" ? 0.02 : -0.02, n: 5, interval: [-0.03, 0.01] },
    errors: { treated: { value: 0.1, n: 5 }, baseline: { value: 0.1, n: 5 } },
  };
}

const NOTHING: Evidence = {
  ...{
    recorded: [],
    errorReduction: [],
    sizes: [],
    cifar10: [],
    noise: [],
    replication: [],
    stopped: [],
  },
  ...{ radius: [], groups: [], sameGroups: [], batchSize: [], weightDecay: [] },
};

/** The cells of a table's lines. */
function cellsOf(table: string): string[][] {
  return table.split("\n").slice(2)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("experiments.md: a claim is confirmed, contradicted or neither by what is told apart", () => {
  const errorReduction = [
    comparison("SAM (ρ = 0.1)", "SGD", "lower"),
    {
      ...comparison("SAM (ρ = 0.1)", "SGD", "higher", { augmentation: "none" }),
      condition: "none",
    },
    {
      ...comparison("SAM (ρ = 0.1)", "SGD, twice the epochs", "higher", { augmentation: "none" }),
      condition: "none",
    },
    comparison("SGD, twice the epochs", "SGD", "lower"),
  ];
  const lines = cellsOf(claimsTable({ ...NOTHING, errorReduction }));
  assertEquals(lines[0]!.slice(2), [
    "SAM (ρ = 0.1) beside SGD",
    "**confirmed**",
    "−2.0 [−3.0, 1.0], n = 5",
  ]);
  assertEquals(lines.slice(1, 6).map((cells) => cells[3]), [
    "not measured here",
    "higher", // of what the paper does not claim
    ...["not measured here", "not measured here"],
    "**contradicted**",
  ]);
  assertEquals(lines.length, claims.length);
  assert(lines.some(([, , , found]) => found!.startsWith("not measurable here")));
});

Deno.test("experiments.md: a claim about the better of two baselines is confirmed beside both alone", () => {
  const found = (first: Verdict, second: Verdict) => {
    const sizes = [
      comparison("SAM (ρ = 0.1)", "SGD", first),
      comparison("SAM (ρ = 0.1)", "SGD, twice the epochs", second),
      { ...comparison("SAM (ρ = 0.1)", "SGD", "not told apart"), condition: "elsewhere" },
    ];
    const lines = cellsOf(claimsTable({ ...NOTHING, sizes }));
    return lines.find(([, , here]) => here!.endsWith("twice the epochs"))![3];
  };
  assertEquals(found("lower", "lower"), "**confirmed**");
  assertEquals(found("not told apart", "lower"), "lower");
  assertEquals(found("higher", "lower"), "lower");
  assertEquals(found("lower", "higher"), "**contradicted**");
  assertEquals(found("lower", "not told apart"), "not told apart");
});

Deno.test("experiments.md: a comparison that no condition names says what its runs are of", () => {
  const cifar10 = [{
    ...comparison("SAM (ρ = 0.1)", "SGD", "lower"),
    shared: "CIFAR-10, 6,152 training images",
  }];
  const [line] = cellsOf(claimsTable({ ...NOTHING, cifar10 })).filter(([, , here]) => here !== "–");
  assertEquals(line![2], "CIFAR-10, 6,152 training images: SAM (ρ = 0.1) beside SGD");
});

Deno.test("experiments.md: ablations and controls confirm nothing, several comparisons have a line each", () => {
  const groups = [
    { ...comparison("m = 5", "m = the batch", "lower"), condition: "SGD" },
    { ...comparison("m = 5", "m = the batch", "lower"), condition: "SAM (ρ = 0.2)" },
    { ...comparison("m = 1", "m = the batch", "lower"), condition: "SAM (ρ = 0.2)" },
  ];
  const lines = cellsOf(claimsTable({ ...NOTHING, groups }));
  const at = lines.findIndex(([claim]) => claim!.includes("smaller groups"));
  assertEquals(
    lines.slice(at, at + 3).map(([claim, , here, found]) => [claim !== "", here, found]),
    [
      [true, "SAM (ρ = 0.2): m = 5 beside m = the batch", "lower"],
      [false, "SAM (ρ = 0.2): m = 1 beside m = the batch", "lower"],
      [true, "SGD: m = 5 beside m = the batch", "lower"],
    ],
  );
});

Deno.test("experiments.md: the recipe for other machines trains every experiment, the search first", async () => {
  const page = await Deno.readTextFile(PAGE);
  const [, commands = ""] = /## On a larger machine\n\n```sh\n([^`]*)```/.exec(page) ?? [];
  const [, names = ""] = /for name in ([^;]*); do/.exec(commands) ?? [];
  assertEquals(
    ["search", ...names.split(" ")].sort(),
    evidence.recorded.map(({ name }) => name).sort(),
  );
  assert(commands.startsWith("deno task sweep notebooks/experiments/search.ts "));
});

Deno.test("experiments.md: without its markers a page is refused, without runs nothing cost anything", () => {
  assertThrows(() => withClaims("# Page", NOTHING), Error, "lacks the lines <!-- deno task claims");
  assertStringIncludes(costTable([{ name: "none", rows: [], records: new Map() }]), "| `none`");
});
