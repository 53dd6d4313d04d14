/** The experiments of the paper's tables: what they train, what they state, a tiny form of each. @module */
import { assert, assertEquals } from "@std/assert";
import { type Experiment, runsOf, sweep } from "../../lib/runs/mod.ts";
import type { TrainConfig } from "../../lib/train/mod.ts";
import { withFolder } from "../train/_runs.ts";
import { hoursOf, networkOf } from "./_estimate.ts";

const FOLDER = new URL("../../notebooks/experiments/paper/", import.meta.url);
const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => /^table_.*\.ts$/.test(name)).sort();

interface PaperRow {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly epochs?: number;
  readonly augmentation?: string;
  readonly labelNoise?: number;
  readonly testError: number;
}

/** The paper's names of networks. */
const NETWORKS: Readonly<Record<string, string>> = {
  "WRN-28-10": "wide_resnet_28_10",
  "Shake-Shake 26 2x96d": "shake_shake_26_2x96d",
  "PyramidNet": "pyramid_net_272_200",
  "PyramidNet+ShakeDrop": "pyramid_net_272_200_shake_drop",
  "ResNet-32": "cifar_resnet_32",
  "ResNet-50": "resnet_50",
  "ResNet-101": "resnet_101",
  "ResNet-152": "resnet_152",
  "EfficientNet-B7": "efficientnet_b7",
  "EfficientNet-L2": "efficientnet_l2",
};

async function experimentsOf(file: string): Promise<readonly Experiment[]> {
  return (await import(new URL(file, FOLDER).href)).default;
}

function augmentationOf({ augmentation, batchAugmentation }: TrainConfig): string {
  if (augmentation !== "basic") return augmentation;
  return batchAugmentation === "none" ? "basic" : batchAugmentation;
}

function isOf(row: PaperRow, config: TrainConfig, method: string): boolean {
  return config.dataset === row.dataset && config.model === NETWORKS[row.model] &&
    method === row.method && (row.epochs ?? config.epochs) === config.epochs &&
    (row.labelNoise ?? 0) === config.labelNoise &&
    (row.augmentation ?? augmentationOf(config)) === augmentationOf(config);
}

Deno.test("paper: every number of tables 1 to 5 has its run, but for the methods of others", async () => {
  const all = (await Promise.all(files.map(experimentsOf))).flat().flatMap(runsOf);
  for (const table of [1, 2, 3, 4, 5]) {
    const text = await Deno.readTextFile(new URL(`table_${table}.json`, FOLDER));
    const rows = (JSON.parse(text).rows as PaperRow[])
      .filter(({ method }) => ["SAM", "SGD", "Mixup"].includes(method));
    assert(rows.length >= 12, `${rows.length} rows`);
    const missing = rows.filter((row) =>
      !all.some(({ config, method }) => isOf(row, config, method))
    );
    assertEquals(missing, [], `table ${table}`);
  }
});

for (const file of files) {
  Deno.test(`paper: ${file} is built, and its head states command, time and the paper's numbers`, async () => {
    const experiments = await experimentsOf(file);
    const planned = experiments.flatMap(runsOf);
    for (const { model, inputShape, classes } of distinct(planned.map(({ config }) => config))) {
      assertEquals(model.shapes(inputShape).output, [inputShape[0]!, classes]);
    }
    const source = await Deno.readTextFile(new URL(file, FOLDER));
    const head = source.slice(0, source.indexOf("*/")).replaceAll(/\n \* {3}/g, " ");
    const stated = (what: string) =>
      new RegExp(`^ \\* - ${what}: (.*)$`, "m").exec(head)?.[1] ?? "";
    const command = `\`deno task sweep notebooks/experiments/paper/${file}\``;
    assert(stated("Command").startsWith(command), stated("Command"));
    assert(stated("Machine") !== "");
    const hours = Number((await hoursOf(planned[0]!.config)).toPrecision(2));
    assertEquals(
      stated("Time"),
      `${hours.toLocaleString("en-US")} hours for the first run, estimated; half of it without SAM`,
    );
    const table = JSON.parse(
      await Deno.readTextFile(new URL(`${file.slice(0, "table_1".length)}.json`, FOLDER)),
    ).rows as PaperRow[];
    const expected = new Set(
      table.filter((row) => planned.some(({ config, method }) => isOf(row, config, method)))
        .map(({ testError }) => Number((100 * testError).toFixed(2))),
    );
    const figures = Array.from(
      stated("Expected").matchAll(/([\d.]+) %(?! wrong)/g),
      ([, figure]) => Number(figure),
    );
    assertEquals(new Set(figures), expected);
  });
}

/** The networks of runs, each once. */
function distinct(configs: readonly TrainConfig[]) {
  const byName = new Map(configs.map((config) => [`${config.model} ${config.dataset}`, config]));
  return Array.from(byName.values(), networkOf);
}

/** The smallest network of each family. */
const TINY: Readonly<Record<string, string>> = {
  wide_resnet_28_10: "wide_resnet_10_1",
  shake_shake_26_2x96d: "shake_shake_8_2x8d",
  pyramid_net_272_200: "pyramid_net_11_16",
  pyramid_net_272_200_shake_drop: "pyramid_net_11_16_shake_drop",
  cifar_resnet_32: "cifar_resnet_8",
  resnet_50: "resnet_50",
  efficientnet_b7: "efficientnet_b0",
};

Deno.test("paper: a tiny form of each family trains some steps", () =>
  withFolder(async (outputDir) => {
    const small = { trainCount: 16, testCount: 8, batchSize: 8, m: 4, epochs: 1, imageSize: 32 };
    const trained = new Set<string>();
    for (const file of files) {
      const [experiment] = await experimentsOf(file);
      const { model = "" } = experiment!.base;
      if (TINY[model] === undefined || trained.has(model)) continue;
      trained.add(model);
      const { config } = runsOf(experiment!)[0]!;
      const { initFrom: _, ...rest } = config;
      // Photographs alone have their autoaugment; B0 on CIFAR's size is not its own.
      const base = {
        ...rest,
        ...small,
        model: TINY[model]!,
        dataset: "synthetic_32",
        augmentation: "basic",
        evaluateTop5: true,
      };
      const events = sweep({ name: file, base, seeds: [0] }, { outputDir });
      const types: string[] = [];
      for await (const event of events) {
        types.push(event.type);
        if (event.type === "failed") throw event.error;
        if (event.type === "run") assert(Number.isFinite(event.rows[0]!.trainLoss), file);
      }
      assert(types.includes("run"), `${file}: ${types}`);
    }
    assertEquals([...trained].sort(), Object.keys(TINY).sort());
  }));
