import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  changesOf,
  ConfigError,
  configOf,
  defaultConfig,
  fromStored,
  runFolder,
  runId,
  type TrainConfig,
} from "../../lib/train/mod.ts";

Deno.test("runId: every entry of the configuration changes it, and nothing else does", () => {
  const id = runId(defaultConfig);
  const kept = {
    saveProgressSeconds: 60,
    additionalCheckpointsAtEpochs: [1],
    onNan: "continue" as const,
  };
  const determining = Object.entries(defaultConfig).filter(([name]) => !(name in kept));
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
  assertEquals(runId({ ...defaultConfig, ...kept }), id);
  // An entry that this version does not know yet, with the value that it will have by default.
  assertEquals(changesOf(defaultConfig), {});
});

Deno.test("runFolder: learning rate, weight decay, rho and seed as the reference names them, and the identity", () => {
  const end = (config: TrainConfig, path: string) =>
    assertEquals(runFolder(config), `${path}-${runId(config)}`);
  end(defaultConfig, "synthetic/wide_resnet_16_4/lr_0.1/wd_0.0005/rho_0.05/seed_0");
  end(
    configOf({
      dataset: "fashion_mnist",
      samRho: 0,
      labelNoise: 0.4,
      learningRate: 1e-30,
      seed: 3,
    }),
    "fashion_mnist/wide_resnet_16_4/noise_0.4/lr_1e-30/wd_0.0005/rho_0/seed_3",
  );
  assertNotEquals(
    runFolder(configOf({ batchSize: 10, m: 5 })),
    runFolder(configOf({ batchSize: 10 })),
  );
});

Deno.test("runFolder: a data set that is a path is one folder, inside the output folder", () => {
  for (const dataset of ["folder:../pets", "folder:/data/pets", "records:a b/../c"]) {
    const folder = runFolder(configOf({ dataset }));
    assertEquals(folder.split("/").length, 6);
    assertEquals(folder.includes(".."), false);
  }
});

Deno.test("fromStored: what earlier versions wrote for none is none, and has the identity of today", () => {
  const older = { emaDecay: 0, m: 0, gradientClipping: 0, saveProgressSeconds: 0 };
  const config = fromStored({ ...older, epochs: 3, freezeBatchNorm: "no", syncBatchNorm: "yes" });
  const none = { emaDecay: "none", m: "none", gradientClipping: "none" } as const;
  assertEquals(config, configOf({ ...none, epochs: 3, syncBatchNorm: true }));
  assertEquals(runId(fromStored({ m: 0 })), runId(defaultConfig));
  assertEquals(fromStored({ samRho: 0, labelNoise: 0 }), configOf({ samRho: 0 }));
});

Deno.test("fromStored: what no version wrote is refused", () => {
  for (const wrong of [{ learningRte: 1 }, { epochs: "3" }, { optimizer: "adam" }]) {
    const error = assertThrows(() => fromStored(wrong), ConfigError);
    assertEquals(error.key, Object.keys(wrong)[0]);
  }
  const error = assertThrows(
    () => fromStored({ model: "efficientnet_b0", freezeBatchNorm: "no" }),
    ConfigError,
    "a run of efficientnet_b0 by an older version",
  );
  assertEquals(error.key, "freezeBatchNorm");
});
