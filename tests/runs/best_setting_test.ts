import { assertEquals, assertThrows } from "@std/assert";
import { bestSetting, type Experiment, type FinishedRun, runsOf } from "../../lib/runs/mod.ts";
import type { TrainConfig } from "../../lib/train/mod.ts";

const search: Experiment = {
  name: "search",
  base: { evaluateOn: "validation", epochs: 2 },
  grid: { samRho: [0.05, 0.1], weightDecay: [0, 1e-3] },
  seeds: [0, 1],
};

/** Records with these errors after the last epoch. */
function records(errorOf: (config: TrainConfig) => number, experiment = search) {
  const result = { sha256: "", finished: "", machine: "", tensorflow: "" };
  return new Map(
    runsOf(experiment).map(({ id, config }): [string, FinishedRun] => {
      const { dataset, model, samRho: rho, labelNoise, seed } = config;
      const row = {
        dataset,
        model,
        method: "SAM",
        rho,
        labelNoise,
        seed,
        trainLoss: 1,
        trainError: 1,
      };
      const rows = [0, errorOf(config)].map((testError, index) => ({
        ...row,
        epoch: index + 1,
        testError,
      }));
      return [id, { config, result, rows }];
    }),
  );
}

Deno.test("bestSetting: the lowest mean over the seeds after the last epoch", () => {
  // The lowest single error is the other radius's.
  const errorOf = ({ samRho, weightDecay, seed }: TrainConfig) => {
    if (weightDecay === 0) return 0.5;
    return samRho === 0.1 ? [0.1, 0.4][seed]! : 0.2;
  };
  assertEquals(bestSetting(search, records(errorOf)), {
    setting: { samRho: 0.05, weightDecay: 1e-3 },
    validationError: 0.2,
  });
  assertEquals(bestSetting(search, records(() => 0.3)).setting, { samRho: 0.05, weightDecay: 0 });
});

Deno.test("bestSetting: an error that is no number is never the lowest", () => {
  const errorOf = ({ samRho }: TrainConfig) => samRho === 0.05 ? NaN : 0.9;
  assertEquals(bestSetting(search, records(errorOf)).setting, { samRho: 0.1, weightDecay: 0 });
  assertThrows(
    () => bestSetting(search, records(({ seed }) => seed === 0 ? NaN : 0.5)),
    Error,
    "with each of them a run diverged",
  );
});

Deno.test("bestSetting: of no runs nothing is the best", () => {
  for (const empty of [{ seeds: [] }, { grid: { samRho: [] } }]) {
    assertThrows(
      () => bestSetting({ ...search, ...empty }, new Map()),
      RangeError,
      "it has no seeds or no settings",
    );
  }
});

Deno.test("bestSetting: nothing is chosen by the test set, among methods or by a part of the runs", () => {
  const tested: Experiment = { ...search, base: { epochs: 2 } };
  assertThrows(
    () => bestSetting(tested, records(() => 0.3, tested)),
    RangeError,
    "Cannot choose a setting of search by the test set",
  );
  const variants = [{ config: { samRho: 0 } }, { config: {} }];
  assertThrows(
    () => bestSetting({ ...search, variants }, new Map()),
    RangeError,
    "Cannot choose among 2 variants of search",
  );
  const found = records(() => 0.3);
  const [last] = [...found.keys()].slice(-1);
  found.delete(last!);
  assertThrows(() => bestSetting(search, found), Error, `its run ${last} is not recorded`);
});
