/**
 * A short epoch of SAM for every family of networks on every data set that is at hand:
 *
 *     deno task pairs [--only cifar10]
 *
 * A line for each pair, and the counts at the end; exit code 1 if a pair fails. A few minutes.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { DataError } from "../../lib/data/mod.ts";
import { defaultConfig, train, type TrainConfig } from "../../lib/train/mod.ts";

const { values: { only, help } } = parseArgs({
  options: { only: { type: "string" }, help: { type: "boolean", default: false } },
});

/** Small members of the families. */
const CIFAR_MODELS: Partial<TrainConfig>[] = [
  { model: "wide_resnet_10_1" },
  { model: "shake_shake_14_2x16d" },
  // They take 32 × 32 only.
  { model: "pyramid_net_11_24", imageSize: 32 },
  { model: "pyramid_net_11_24_shake_drop", imageSize: 32 },
  { model: "cifar_resnet_20" },
  { model: "cifar_resnet_20_plain" },
];
const LARGE_MODELS: Partial<TrainConfig>[] = [
  { model: "resnet_50", imageSize: 64 },
  { model: "efficientnet_b0", imageSize: 224, optimizer: "rmsprop", learningRate: 0.016 },
];

const small = { trainCount: 32, testCount: 16, batchSize: 16 };
const tiny = { trainCount: 8, testCount: 4, batchSize: 4 };

/** The data sets, those of image files small enough for the networks of CIFAR. */
const DATA: readonly (Partial<TrainConfig> & { readonly dataset: string })[] = [
  { dataset: "synthetic_32" },
  { dataset: "fashion_mnist" },
  { dataset: "cifar10" },
  { dataset: "cifar100" },
  { dataset: "svhn_core" },
  { dataset: "folder:tiny_imagenet_2", imageSize: 32 },
];

const pairs = DATA.flatMap((data) => [
  ...CIFAR_MODELS.map((model) => ({ ...small, ...data, ...model })),
  ...LARGE_MODELS.map((model) => ({ ...tiny, ...data, ...model })),
]).filter(({ dataset }) => only === undefined || dataset === only);

// deno-lint-ignore no-console -- the lines are the point
const print = (text: string) => console.log(text);

/** Trains a pair. @returns what it says of it */
async function run(pair: Partial<TrainConfig>): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const config = {
      ...defaultConfig,
      ...pair,
      epochs: 1,
      learningRate: pair.learningRate ?? 0.01,
    };
    let parameters = 0, loss = NaN;
    for await (const event of train(config, { folder, download: false })) {
      if (event.type === "start") parameters = event.parameterCount;
      if (event.type === "epoch") loss = event.row.testLoss ?? NaN;
    }
    if (!Number.isFinite(loss)) throw new Error(`the test loss is ${loss}`);
    return `${parameters} parameters, test loss ${loss.toFixed(3)}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  let passed = 0, failed = 0, skipped = 0;
  for (const pair of pairs) {
    const started = performance.now();
    const name = `${pair.model} on ${pair.dataset}`;
    try {
      const said = await run(pair);
      print(`${name}: ${said}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
      passed++;
    } catch (error) {
      const isMissing = error instanceof DataError;
      print(
        `${name}: ${isMissing ? "skipped" : "FAILED"}, ${
          error instanceof Error ? error.message : error
        }`,
      );
      if (isMissing) skipped++;
      else failed++;
    }
  }
  print(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  Deno.exitCode = failed > 0 ? 1 : 0;
}

if (help) print("Usage: deno task pairs [--only DATASET]");
else await main();
