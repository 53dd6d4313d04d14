import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import { demoFigure } from "../../lib/commands/_demo_figure.ts";
import {
  demoConfig,
  demoExperiment,
  demoSeeds,
  METHODS,
  recordedRuns,
} from "../../lib/commands/_demo_runs.ts";
import { demoFindings } from "../../lib/commands/_demo_words.ts";
import { demoCommand } from "../../lib/commands/demo.ts";
import { UsageError } from "../../lib/commands/_flags.ts";
import { finishedRuns, type PlannedRun, runsOf } from "../../lib/runs/mod.ts";
import { type EpochRow, runId, train, type TrainConfig } from "../../lib/train/mod.ts";
import experiments from "../../notebooks/experiments/demo.ts";
import { testData } from "../_data_dir.ts";
import { testUnless } from "../_skip.ts";
import { until } from "../_wait.ts";
import { recorder } from "../terminal/_recorder.ts";
import { withFolder } from "../train/_runs.ts";
import { withoutLeaks } from "../_tensors.ts";

const config = {
  ...demoConfig,
  dataset: "synthetic_16",
  trainCount: 60,
  testCount: 40,
  batchSize: 20,
  epochs: 2,
};

Deno.test("demo: trains each method for each seed and writes a report beside the recorded runs", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const output = recorder(false);
      const path = join(folder, "new", "demo");
      const args = ["--seeds", "2", "--output-dir", path];
      assertEquals(await demoCommand(args, output, config), 0);

      const runs = await finishedRuns(demoExperiment(demoSeeds(2), config), { outputDir: path });
      const planned = runsOf(demoExperiment(demoSeeds(2), config));
      const rows = runs.flatMap(({ rows }, index) =>
        rows.map((row) => ({ ...row, method: planned[index]!.method }))
      );
      assertEquals(
        runs.map(({ rows }, index) => {
          const { labelNoise, rho, seed, epoch } = rows.at(-1)!;
          return [planned[index]!.method, labelNoise, rho, seed, epoch];
        }),
        [10, 11].flatMap((seed) => [
          ["SGD", 0.4, 0, seed, 2],
          ["SGD, twice the epochs", 0.4, 0, seed, 4],
          ["SAM", 0.4, 0.2, seed, 2],
        ]),
      );
      assert(new Set(rows.map(({ testLoss }) => testLoss)).size === 16, "each run is its own");

      const recorded = (await recordedRuns()).flatMap(({ rows }) => rows);
      const said = demoFindings(recorded).map((words) => `Recorded. ${words}`);
      const found = demoFindings(rows).map((words) => `Here. ${words}`);
      const report = await Deno.readTextFile(join(path, "report.html"));
      for (const part of [...said, ...found]) assertStringIncludes(report, `<p>${part}.</p>`);
      assertStringIncludes(report, "wide_resnet_10_1 on 60 images of synthetic_16, 40 % of whose");
      assertStringIncludes(report, "2 epochs of batch size 20");
      assertStringIncludes(report, `${runs[0]!.result.machine}</td>`);
      assert(!report.includes("location.reload"), "it is finished");

      const printed = output.written.join("").trimEnd().split("\n");
      assertEquals(printed.slice(0, 2), said);
      const report_ = join(path, "report.html");
      assertEquals(printed[2], `Training the same here; ${report_} shows it as it goes`);
      assertMatch(printed[3]!, /^SGD, seed 10: test error \d+\.\d % \(\d+ s\)$/);
      assertMatch(printed[4]!, /^SGD, twice the epochs, seed 10: test error \d+\.\d % \(\d+ s\)$/);
      assertMatch(printed[9]!, /^ +seeds +epoch +test error +best epoch's$/);
      assertMatch(printed[10]!, /^SGD, recorded +20 +20 +\d+\.\d % +\d+\.\d %$/);
      assertMatch(printed[11]!, /^SGD, twice the epochs, recorded +20 +40 +\d+\.\d % +\d+\.\d %$/);
      for (const [index, method] of METHODS.entries()) {
        const best = [10, 11].map((seed) =>
          Math.min(
            ...rows.filter((row) => row.method === method && row.seed === seed)
              .map(({ testError }) => testError!),
          )
        );
        const mean = (100 * (best[0]! + best[1]!) / 2).toFixed(1);
        const line = printed[13 + index]!;
        assertMatch(line, new RegExp(`^${method}, here +2 +[24] +\\d+\\.\\d % +\\d+\\.\\d %$`));
        assert(line.endsWith(`  ${mean} %`), `${line}: ${mean}`);
      }
      assertEquals(printed.slice(17, 19), found);
      assertMatch(printed[19]!, /^Measured with seeds 10 to 11 in \d+ s$/);
      assertEquals(printed[20], `Open ${report_}`);

      const again = recorder(false);
      assertEquals(await demoCommand(["--output-dir", path], again, config), 0);
      assertMatch(
        again.written.join(""),
        /Measured with seed 10 in \d+ s; 3 of 3 runs were there, --restart trains them anew\n/,
      );
      const anew = recorder(false);
      assertEquals(await demoCommand(["--restart", "--output-dir", path], anew, config), 0);
      assertMatch(anew.written.join(""), /Measured with seed 10 in \d+ s\n/);
    })
  ));

Deno.test("demo: Ctrl-C leaves a run that goes on, and exits with 130", () =>
  withFolder(async (folder) => {
    const script = new URL("_demo.ts", import.meta.url).pathname;
    await using child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, "--output-dir", folder],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stdout = new Response(child.stdout).text();
    const stderr = new Response(child.stderr).text();
    const hasCheckpoint = async () => {
      const files = await Array.fromAsync(walk(folder));
      return files.some((path) => path.endsWith("checkpoint_1.safetensors"));
    };
    const page = () => Deno.readTextFile(join(folder, "report.html"));
    await until(hasCheckpoint, "the first epoch's checkpoint");
    assertStringIncludes(await page(), "location.reload");
    child.kill("SIGINT");
    const { code } = await child.status;
    const said = await stdout;
    assertEquals(code, 130, await stderr);
    assertStringIncludes(said, "Interrupted: ending after the running step; Ctrl-C once more");
    assertMatch(said, /Interrupted in run [123] of 3; the same command goes on with it\n/);
    assertMatch(await page(), /<p>Interrupted in run [123] of 3\.<\/p>/);
    assert(!(await page()).includes("location.reload"), "it goes on reloading");
    // deno-lint-ignore no-control-regex -- they are what is looked for
    assert(!/[\x00-\x09\x0b-\x1f\x7f]/.test(said), "control characters");
  }));

Deno.test("demo: refuses what it does not know before it writes anything", () =>
  withFolder(async (folder) => {
    const args = ["--epochs", "2", "--output-dir", join(folder, "demo")];
    await assertRejects(() => demoCommand(args, recorder(false)), UsageError, "--epochs");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("demo: its setting is the recorded experiment's, on the embedded part of its data", async () => {
  const planned = experiments.flatMap(runsOf).map(({ id }) => id);
  const recorded = await recordedRuns();
  const methods = recorded.map(({ rows }) => rows[0]!.method);
  assertEquals(methods, Array(20).fill(METHODS).flat());
  assertEquals(recorded.map(({ config }) => runId(config)), planned);
});

/** The mean loss of a run's first epoch. */
async function firstLoss(config: TrainConfig, dataDir?: string): Promise<number> {
  const controller = new AbortController();
  const options = { signal: controller.signal, ...dataDir !== undefined && { dataDir } };
  let loss = NaN;
  await withFolder(async (outputDir) => {
    for await (const event of train(config, { outputDir, ...options })) {
      if (event.type !== "epoch") continue;
      loss = event.row.trainLoss;
      controller.abort();
    }
  });
  return loss;
}

Deno.test("demo: a run here begins as the recorded one of its seed, up to rounding", () =>
  withoutLeaks(async () => {
    const recorded = await recordedRuns();
    for (const { config } of runsOf(demoExperiment(demoSeeds(1), demoConfig))) {
      const { rows } = recorded.find((run) =>
        runId(run.config) === runId({ ...config, dataset: run.config.dataset })
      )!;
      // Another processor's rounding grows in twenty steps with a rate of 0.3: to 0.03 where it was
      // seen. SAM's first loss and SGD's are 0.13 apart.
      const [here, there] = [await firstLoss(config), rows[0]!.trainLoss];
      assert(Math.abs(here - there) < 0.1, `rho ${config.samRho}: ${here}, recorded ${there}`);
    }
  }));

const { missing, dataDir } = testData("fashion_mnist");

testUnless(
  missing,
  "demo: the embedded part trains exactly as the whole data set",
  () =>
    withoutLeaks(async () => {
      const [, { config }] = runsOf(demoExperiment(demoSeeds(1), demoConfig)) as PlannedRun[] as [
        PlannedRun,
        PlannedRun,
      ];
      const whole = await firstLoss({ ...config, dataset: "fashion_mnist" }, dataDir);
      assertEquals(await firstLoss(config), whole);
    }),
);

const row = (method: string, seed: number, epoch: number, testError: number): EpochRow => ({
  ...{
    dataset: "mine",
    model: "m",
    method,
    rho: method === "SAM" ? 0.2 : 0,
    labelNoise: 0.4,
    seed,
  },
  ...{ epoch, trainLoss: 1, trainError: 0.5, testLoss: 1, testError },
});

Deno.test("demo: the words follow from the rows, of seeds with both runs", () => {
  const [sgd, sam] = [[0.44, 0.42, 0.45, 0.43], [0.31, 0.3, 0.33, 0.31]];
  const rows = [0, 1, 2, 3].flatMap((seed) => [
    row("SGD", seed, 1, 0.3),
    row("SGD", seed, 2, sgd[seed]!),
    row("SGD, twice the epochs", seed, 2, 0.32 + 0.01 * seed),
    row("SAM", seed, 1, 0.5),
    row("SAM", seed, 2, sam[seed]!),
  ]);
  const words = demoFindings([...rows, row("SGD", 4, 1, 0.9)]);
  assertMatch(
    words[0]!,
    /^Beside SGD, 43\.5 % test error, SAM, 31\.3 %, is lower by 12\.3 points \[11\.\d, 13\.\d\], n = 4$/,
  );
  assertMatch(
    words[1]!,
    /^Beside SGD of twice the epochs, .*, 33\.5 % test error, SAM, 31\.3 %, is not told apart: /,
  );
  assertStringIncludes(
    demoFindings(rows.slice(0, 5))[0]!,
    "SAM, 31.0 %, is not told apart: −13.0 points, n = 1",
  );
  assertEquals(demoFindings([row("SGD", 0, 1, 0.5)]), []);
  assertEquals(demoFindings([row("SGD", 0, 1, 0.5), row("SAM", 0, 1, NaN)]), []);
});

Deno.test("demo: the figure has recorded runs and those here, finished or not", () => {
  const recorded = [row("SGD", 0, 1, 0.5), row("SGD", 0, 2, 0.4)];
  const spec = demoFigure(recorded, [row("SAM", 0, 1, 0.6)], 2);
  const panels = (spec as unknown as { hconcat: { layer: { data: { values: object[] } }[] }[] })
    .hconcat;
  const values = panels.map(({ layer }) => layer.map(({ data }) => data.values));
  const point = { method: "SGD", source: "recorded", seed: 0 };
  assertEquals(values, [
    [
      [{ ...point, epoch: 1, error: 50 }, { ...point, epoch: 2, error: 40 }],
      [{ method: "SAM", source: "here", seed: 0, epoch: 1, error: 60 }],
    ],
    [[{ ...point, epoch: 2, error: 40 }], []],
  ]);
});

Deno.test("demo: the figure's words count runs that reached their last epoch alone", () => {
  const recorded = [row("SGD", 0, 2, 0.4), row("SAM", 0, 2, 0.3)];
  const wordsOf = (here: readonly EpochRow[]) => String(demoFigure(recorded, here, 2).description);
  const running = [row("SGD", 0, 1, 0.6), row("SGD", 0, 2, 0.5), row("SAM", 0, 1, 0.55)];
  assertStringIncludes(wordsOf(running), "Recorded. Beside SGD, 40.0 % test error, SAM, 30.0 %");
  assert(!wordsOf(running).includes("Here."), wordsOf(running));
  assertStringIncludes(
    wordsOf([...running, row("SAM", 0, 2, 0.35)]),
    "Here. Beside SGD, 50.0 % test error, SAM, 35.0 %, is not told apart: −15.0 points, n = 1",
  );
});

/** Paths of all files below a folder. */
async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* walk(join(folder, name));
    else yield join(folder, name);
  }
}
