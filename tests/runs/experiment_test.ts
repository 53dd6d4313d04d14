import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Experiment, runsOf } from "../../lib/runs/mod.ts";
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

Deno.test("runsOf: a grid overrides the base, a variant both; of equal settings the first names it", () => {
  const runs = runsOf({
    name: "order",
    base: { samRho: 0.3, epochs: 3 },
    grid: { samRho: [0.1, 0.2], epochs: [5] },
    variants: [{ config: { samRho: 0 } }, { method: "again", config: { samRho: 0 } }, {
      config: {},
    }],
    seeds: [0],
  });
  assertEquals(runs.map(({ method, config }) => [method, config.samRho, config.epochs]), [
    ["SGD", 0, 5],
    ["SAM", 0.1, 5],
    ["SAM", 0.2, 5],
  ]);
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
