import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { changesOf, type Experiment, runId, runPath, runsOf } from "../../lib/runs/mod.ts";
import { defaultConfig, type TrainConfig } from "../../lib/train/mod.ts";

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

Deno.test("runId: every entry of the configuration changes it, and nothing else does", () => {
  const id = runId(defaultConfig);
  const determining = Object.entries(defaultConfig).filter(([name]) =>
    !["saveProgressSeconds", "onNan"].includes(name)
  );
  const ids = determining.map(([name, value]) => {
    const other = typeof value === "number" ? value + 1 : `${value}x`;
    return runId({ ...defaultConfig, [name]: other } as TrainConfig);
  });
  assertEquals(new Set([id, ...ids]).size, ids.length + 1);
  assertNotEquals(runId({ ...defaultConfig, trainCount: 10 }), id);
  const { seed, dataset, ...others } = defaultConfig;
  assertEquals(runId({ ...others, dataset, seed }), id);
  const changed = runId({ ...others, dataset: "cifar10", seed: 5 });
  assertEquals(runId({ seed: 5, dataset: "cifar10", ...others }), changed);
  assertEquals(id, runId({ ...defaultConfig, trainCount: undefined } as unknown as TrainConfig));
  const kept = {
    saveProgressSeconds: 60,
    additionalCheckpointsAtEpochs: [1],
    onNan: "continue" as const,
  };
  assertEquals(runId({ ...defaultConfig, ...kept }), id);
  // An entry that this version does not know yet, with the value that it will have by default.
  assertEquals(changesOf(defaultConfig), {});
});

Deno.test("runPath: names what a reader looks for", () => {
  const config = { ...defaultConfig, samRho: 0.1, labelNoise: 0.2, seed: 3 };
  assertEquals(
    runPath(config),
    `synthetic/wide_resnet_16_4/sam-rho_0.1-noise_0.2-seed_3-${runId(config)}`,
  );
  const sgd = { ...defaultConfig, samRho: 0 };
  assertEquals(runPath(sgd), `synthetic/wide_resnet_16_4/sgd-seed_0-${runId(sgd)}`);
});
