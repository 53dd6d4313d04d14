import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Experiment, readRecords, runsOf, sweep } from "../../lib/runs/mod.ts";
import { ConfigError, defaultConfig } from "../../lib/train/mod.ts";

const experiment: Experiment = {
  name: "try",
  base: { epochs: 3 },
  grid: { labelNoise: [0, 0.4], batchSize: [32, 64] },
  variants: [{ config: { samRho: 0 } }, { method: "SAM, large", config: { samRho: 0.5 } }],
  seeds: [1, 0],
};

Deno.test("runsOf: seeds × grid × variants, the first seed first", () => {
  const runs = runsOf(experiment);
  assertEquals(
    runs.map(({ method, config }) =>
      `${config.seed} ${config.labelNoise} ${config.batchSize} ${method}`
    ),
    [1, 0].flatMap((seed) =>
      [0, 0.4].flatMap((noise) =>
        [32, 64].flatMap((batch) =>
          ["SGD", "SAM, large"].map((method) => `${seed} ${noise} ${batch} ${method}`)
        )
      )
    ),
  );
  assert(runs.every(({ config }) => config.epochs === 3 && config.momentum === 0.9));
  assertEquals(new Set(runs.map(({ id }) => id)).size, 16);
});

Deno.test("runsOf: a setting that comes up twice is one run", () => {
  const twice = { ...experiment, grid: { labelNoise: [0, 0] }, seeds: [0, 0] };
  assertEquals(runsOf(twice).length, 2);
});

Deno.test("runsOf: a grid overrides the base, a variant both", () => {
  const runs = runsOf({
    name: "order",
    base: { samRho: 0.3, epochs: 3 },
    grid: { samRho: [0.1, 0.2], epochs: [5] },
    variants: [{ config: { samRho: 0 } }, { config: {} }],
    seeds: [0],
  });
  assertEquals(runs.map(({ method, config }) => [method, config.samRho, config.epochs]), [
    ["SGD", 0, 5],
    ["SAM", 0.1, 5],
    ["SAM", 0.2, 5],
  ]);
});

Deno.test("runsOf: two methods that are one configuration are refused by their names", () => {
  const again = [{ config: { samRho: 0 } }, { method: "again", config: { samRho: 0 } }];
  assertThrows(
    () => runsOf({ ...experiment, variants: again }),
    RangeError,
    "Cannot run the experiment try: its methods SGD and again are one configuration, which is trained " +
      "once and has one name. Let them differ in an entry, or name them alike",
  );
  const alike = again.map((variant) => ({ ...variant, method: "SGD" }));
  assertEquals(runsOf({ ...experiment, grid: {}, variants: alike }).length, 2);
});

/** What is no experiment, and what is said of it. */
const NONE: [given: unknown, message: string][] = [
  [null, "Cannot run null as an experiment: it must be a record such as"],
  [3, "Cannot run 3 as an experiment"],
  [{}, "Cannot run an experiment of the name undefined: it must be a text"],
  [{ name: "x", base: null, seeds: [0] }, "Cannot run the experiment x: its base must be a record"],
  [{ name: "x", base: {}, seeds: 3 }, "Cannot run the experiment x: its seeds must be a list"],
  [{ name: "x", base: {}, seeds: [0], grid: 3 }, "x: its grid must be a record of lists"],
  [{ name: "x", base: {}, seeds: [0], grid: { samRho: 3 } }, "x: its grid must be a record of"],
  [{ name: "x", base: {}, seeds: [0], variants: 3 }, "x: its variants must be a list such as"],
  [{ name: "x", base: {}, seeds: [0], variants: [null] }, "x: its variants must be a list such"],
  [{ name: "x", base: {}, seeds: [0], variants: [{}] }, "x: its variants must be a list such as"],
];

Deno.test("runsOf and sweep: what is no experiment is refused by the part that is wrong", () => {
  for (const [given, message] of NONE) {
    assertThrows(() => runsOf(given as Experiment), TypeError, message);
    assertThrows(() => sweep(given as Experiment), TypeError, message);
  }
});

Deno.test("readRecords: a file that is not there, or no file, is named", async () => {
  const records = "no/such/records.jsonl";
  await assertRejects(
    () => readRecords(records),
    Deno.errors.NotFound,
    `Cannot read the records ${records}: there is no such file`,
  );
  const folder = () => readRecords("tests");
  await assertRejects(folder, Error, "Cannot read the records tests: it is a folder");
});

Deno.test("runsOf: an experiment without grid and variants has one run for each seed", () => {
  const runs = runsOf({ name: "one", base: {}, seeds: [5] });
  assertEquals(runs.map(({ config, method }) => ({ config, method })), [
    { config: { ...defaultConfig, seed: 5 }, method: "SAM" },
  ]);
});

Deno.test("runsOf: an experiment without runs is refused by what is empty", () => {
  assertThrows(() => runsOf({ ...experiment, seeds: [] }), RangeError, "try: it has no seeds");
  for (const empty of [{ grid: { samRho: [] } }, { variants: [] }]) {
    assertThrows(() => runsOf({ ...experiment, ...empty }), RangeError, "no values in its grid");
  }
});

Deno.test("runsOf: settings that cannot be are refused before anything is trained", () => {
  const wrong = [
    { base: { optimizer: "adam" } },
    { grid: { labelNoise: [0, 2] } },
    { variants: [{ config: { samRo: 0.1 } }] },
    { base: { batchSize: 5 }, grid: { m: ["none", 2] } },
    { seeds: [0.5] },
  ];
  const keys = ["optimizer", "labelNoise", "samRo", "m", "seed"];
  for (const [index, changes] of wrong.entries()) {
    const planned = { ...experiment, grid: {}, ...changes } as unknown as Experiment;
    assertEquals(assertThrows(() => runsOf(planned), ConfigError).key, keys[index]);
  }
});
