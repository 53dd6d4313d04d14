/** The one schema of a run, from code. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  buildTask,
  ConfigError,
  configOf,
  defaultConfig,
  train,
  type TrainConfig,
} from "../../lib/train/mod.ts";
import { sweep } from "../../lib/runs/mod.ts";
import { withFolder } from "./_runs.ts";

/** Configurations that cannot be, the entry to blame, and the message. */
const WRONG: [given: Record<string, unknown>, key: string, message: string][] = [
  [
    { optimizer: "adam" },
    "optimizer",
    'Cannot use optimizer "adam": it must be one of sgd, rmsprop',
  ],
  [
    { schedule: "cos" },
    "schedule",
    'Cannot use schedule "cos": it must be one of cosine, exponential, constant',
  ],
  [
    { gradientClipping: -1 },
    "gradientClipping",
    "Cannot use gradientClipping -1: it must be a number > 0, or none",
  ],
  [{ gradientClipping: 0 }, "gradientClipping", "or none"],
  [{ emaDecay: 1 }, "emaDecay", "Cannot use emaDecay 1: it must be a number > 0 and < 1, or none"],
  [{ m: "all" }, "m", 'Cannot use m "all": it must be an integer >= 1, or none'],
  [{ learningRate: NaN }, "learningRate", "Cannot use learningRate NaN: it must be a number > 0"],
  [{ samRho: Infinity }, "samRho", "Cannot use samRho Infinity: it must be a number >= 0"],
  [{ epochs: "3" }, "epochs", 'Cannot use epochs "3": it must be an integer >= 1'],
  [{ epochs: 1.5 }, "epochs", "it must be an integer >= 1"],
  [
    { evaluateTop5: "yes" },
    "evaluateTop5",
    'Cannot use evaluateTop5 "yes": it must be true or false',
  ],
  [{ dataset: null }, "dataset", "Cannot use dataset null: it must be a text"],
  [{ seed: 2 ** 31 }, "seed", "it must be an integer >= -2147483648 and <= 2147483647"],
  [
    { additionalCheckpointsAtEpochs: [0.5] },
    "additionalCheckpointsAtEpochs",
    "Cannot use additionalCheckpointsAtEpochs [0.5]: it must be a list, each an integer >= 0",
  ],
  [
    { optimiser: "sgd" },
    "optimiser",
    "Cannot use optimiser: a configuration has no such entry; did you mean optimizer?",
  ],
  [{ learning_rate: 1 }, "learning_rate", "did you mean learningRate?"],
  [{ bacthSize: 1 }, "bacthSize", "did you mean batchSize?"],
  [{ colour: 1 }, "colour", "Cannot use colour: a configuration has no such entry"],
  [{ m: 3, batchSize: 8 }, "m", "Cannot split a batch of 8 examples into groups of m = 3"],
  [
    { additionalCheckpointsAtEpochs: [0, 3], epochs: 3 },
    "additionalCheckpointsAtEpochs",
    "Cannot keep a checkpoint after 3 epochs: it must be < 3",
  ],
  [{ cutoutLength: 8 }, "cutoutLength", "only cutout and mixcut have one"],
  [{ mixupAlpha: 1, batchAugmentation: "cutout" }, "mixupAlpha", "only mixup and mixcut have one"],
  [{ batchAugmentation: "mix" }, "batchAugmentation", "the known names are none, cutout"],
  [{ augmentation: "toString" }, "augmentation", "the known names are none, basic"],
  [{ dataset: "mnist" }, "dataset", "the known names are cifar10, cifar100, fashion_mnist"],
  [{ model: "vgg" }, "model", "the known names are wide_resnet_<depth>_<width>"],
  [{ model: "wide_resnet_11_1" }, "model", "it must be 6n + 4"],
  [{ freezeBatchNorm: true }, "model", "only EfficientNets have that"],
];

Deno.test("configOf: names the entry, the value and what it must be", () => {
  for (const [given, key, message] of WRONG) {
    const error = assertThrows(() => configOf(given), ConfigError, message);
    assertEquals(error.key, key);
  }
});

const NO_RECORDS: unknown[] = [null, undefined, 3, "x", [], () => {}, new Map([["samRho", 0.1]])];

Deno.test("configOf, buildTask and train: what is no record of entries is refused as such", async () => {
  for (const given of NO_RECORDS) {
    const config = given as Partial<TrainConfig>;
    const refused = [
      ConfigError,
      "as a configuration: it must be a record of entries, such as { samRho: 0.05 }",
    ] as const;
    assertThrows(() => configOf(config), ...refused);
    await assertRejects(() => buildTask(config), ...refused);
    await assertRejects(() => train(config).next(), ...refused);
  }
  assertEquals(configOf(Object.create(null)), configOf({}));
});

Deno.test("configOf: a data set in files needs its folder's name", () => {
  for (const dataset of ["folder:", "records:", "folder: "]) {
    const { key, message } = assertThrows(() => configOf({ dataset }), ConfigError);
    assertEquals(key, "dataset");
    assertEquals(
      message,
      `Cannot load data set "${dataset}": it names no folder; write that behind the colon, such as ` +
        `${dataset.trim()}birds`,
    );
  }
});

Deno.test("train, buildTask and sweep refuse the same before they load or write anything", () =>
  withFolder(async (folder) => {
    for (const [given, key] of WRONG) {
      const config = given as Partial<TrainConfig>;
      const experiment = { name: "wrong", base: config, seeds: [0] };
      const calls = [
        () => buildTask(config),
        () => Array.fromAsync(train(config, { outputDir: folder })),
        () => Array.fromAsync(sweep(experiment, { outputDir: folder })),
      ];
      for (const call of key === "seed" ? calls.slice(0, 2) : calls) {
        assertEquals((await assertRejects(call, ConfigError)).key, key);
      }
    }
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("configOf: what is missing or undefined has its default, and what has none is left out", () => {
  assertEquals(configOf({}), defaultConfig);
  const config = configOf({ epochs: 3, momentum: undefined, imageSize: undefined, trainCount: 5 });
  assertEquals(config, { ...defaultConfig, epochs: 3, trainCount: 5 });
  assert(!("imageSize" in config) && !("cutoutLength" in config));
  assertEquals(configOf(JSON.parse(JSON.stringify(config))), config);
});

Deno.test("configOf: none has one spelling, and booleans are booleans", () => {
  const none = ["emaDecay", "m", "saveProgressSeconds", "batchAugmentation"] as const;
  for (const name of none) assertEquals(defaultConfig[name], "none", name);
  assertEquals(configOf({ gradientClipping: "none" }).gradientClipping, "none");
  for (
    const name of ["evaluateTop5", "evaluateTrainingSet", "additionalSkipConnections"] as const
  ) {
    assertEquals(typeof defaultConfig[name], "boolean", name);
  }
});
