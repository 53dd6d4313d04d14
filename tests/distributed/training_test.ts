/** Training by several processes is that of one. */
import { freePorts } from "../../lib/system/mod.ts";
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { readMetrics, runFolder, type TrainConfig } from "../../lib/train/mod.ts";
import { latestCheckpoint } from "../../lib/train/mod.ts";
import type { NamedArrays } from "../../lib/checkpoints/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
import { tinyConfig, withFolder } from "../train/_runs.ts";
import { start, tfConfig } from "./_workers.ts";

/**
 * Three steps, so small that a sum in another order, which differs by 1e-7, flips no ReLU. Augmentation
 * draws for a worker's share, and so others than for the batch.
 */
const base: TrainConfig = {
  ...tinyConfig,
  trainCount: 72,
  testCount: 30,
  batchSize: 24,
  epochs: 1,
  augmentation: "none",
  learningRate: 0.01,
};

/** The command line that says what differs from the defaults. */
function flagsOf(config: Partial<TrainConfig>): string[] {
  return Object.entries({ ...base, ...config }).filter(([name, value]) =>
    name !== "additionalCheckpointsAtEpochs" && value !== undefined
  ).flatMap(([name, value]) => {
    const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (typeof value === "boolean") return [value ? `--${flag}` : `--no-${flag}`];
    return [`--${flag}`, `${value}`];
  });
}

const TRAIN = ["run", "-q", "--allow-all", "cli.ts", "train"];

/** Trains by so many processes. @returns parameters and all else that a checkpoint has */
async function trained(count: number, config: Partial<TrainConfig>, out: string) {
  const ports = freePorts(count);
  const folder = join(out, `${count}`);
  const workers = ports.map((_, rank) =>
    start(
      [...TRAIN, ...flagsOf(config), "--output-dir", folder],
      count === 1 ? {} : { TF_CONFIG: tfConfig(ports, rank) },
    )
  );
  for (const [rank, { ended }] of workers.entries()) {
    const { code, stdout, stderr } = await ended;
    assertEquals(code, 0, stderr);
    assertEquals(stdout === "", rank > 0, "only the chief prints");
  }
  const run = join(folder, runFolder({ ...base, ...config }));
  const { arrays, step } = (await latestCheckpoint(run))!;
  assertEquals(step, 3);
  return { arrays, rows: await readMetrics(join(run, "metrics.jsonl")) };
}

function largestDifference(a: NamedArrays, b: NamedArrays): number {
  assertEquals(Object.keys(a), Object.keys(b));
  return Math.max(
    ...Object.keys(a).map((name) => {
      const [x, y] = [a, b].map((arrays) => Array.from(arrays[name]!.data, Number));
      return Math.max(...x!.map((value, at) => Math.abs(value - y![at]!)));
    }),
  );
}

const CASES: [
  what: string,
  counts: number[],
  many: Partial<TrainConfig>,
  one?: Partial<TrainConfig>,
][] = [
  ["each climbs by itself", [2], { m: 12, samStatistics: true }],
  ["each climbs by itself", [3], { m: 8 }],
  ["several groups each", [2], { m: 4, microBatchSize: 2 }],
  // Without m a worker is normalised by itself, and all climb together.
  ["all climb together", [2], {}, { m: 12, syncPerturbations: true }],
  [
    "all climb together, with statistics",
    [2],
    { samStatistics: true },
    { m: 12, syncPerturbations: true, samStatistics: true },
  ],
  ["SGD", [2], { samRho: 0 }, { m: 12, samRho: 0 }],
];
if (Deno.env.get("SAM_SLOW_TESTS")) {
  CASES.push(
    ["neighbours climb together", [4], { m: 3, syncPerturbations: true, innerGroupSize: 4 }],
    [
      "neighbours climb together, with statistics",
      [4],
      { m: 3, syncPerturbations: true, innerGroupSize: 4, samStatistics: true },
    ],
    ["each climbs by itself", [4], { m: 6 }],
  );
}

for (const [what, counts, many, one = many] of CASES) {
  for (const count of counts) {
    testUnless(
      missingPosix,
      `${count} workers train as one process does, to 1e-5: ${what}`,
      () =>
        withFolder(async (out) => {
          const [together, alone] = await Promise.all([
            trained(count, many, out),
            trained(1, one, out),
          ]);
          const difference = largestDifference(together.arrays, alone.arrays);
          assert(difference <= 1e-5, `they differ by ${difference}`);
          const [row, expected] = [together, alone].map(({ rows }) =>
            rows[0]! as unknown as Readonly<Record<string, number>>
          ) as [Readonly<Record<string, number>>, Readonly<Record<string, number>>];
          const statistics = Object.keys(expected).filter((name) => name.startsWith("trainSam"));
          assertEquals(statistics.length, one.samStatistics ? 7 : 0);
          for (const name of ["trainLoss", "trainError", "testLoss", ...statistics]) {
            const difference = Math.abs(row[name]! - expected[name]!);
            assert(difference <= 1e-5, `${name}: ${row[name]}, alone ${expected[name]}`);
          }
        }),
    );
  }
}
