import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import { demoConfig, demoExperiment } from "../../lib/commands/_demo_runs.ts";
import { demoCommand } from "../../lib/commands/demo.ts";
import { UsageError } from "../../lib/commands/_flags.ts";
import { finishedRuns, runsOf } from "../../lib/runs/mod.ts";
import { withFolder } from "../train/_runs.ts";
import { recorder } from "../terminal/_recorder.ts";
import { withoutLeaks } from "../_tensors.ts";

const config = { ...demoConfig, trainCount: 60, testCount: 40, batchSize: 20, epochs: 2 };

Deno.test("demo: trains the four settings by seed and writes a report", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const output = recorder(false);
      const path = join(folder, "new", "demo");
      const args = ["--seeds", "2", "--output-dir", path];
      assertEquals(await demoCommand(args, output, config), 0);

      const experiment = demoExperiment(2, config);
      const runs = await finishedRuns(experiment, { outputDir: path });
      const rows = runs.flatMap(({ rows }) => rows);
      const settings = rows.filter(({ epoch }) => epoch === 2)
        .map(({ method, labelNoise, rho, seed }) => ({ method, labelNoise, rho, seed }));
      assertEquals(rows.length, 16);
      assertEquals(
        settings,
        [0, 1].flatMap((seed) => [
          { method: "SGD", labelNoise: 0, rho: 0, seed },
          { method: "SAM", labelNoise: 0, rho: 0.05, seed },
          { method: "SGD", labelNoise: 0.4, rho: 0, seed },
          { method: "SAM", labelNoise: 0.4, rho: 0.05, seed },
        ]),
      );
      assert(new Set(rows.map(({ testLoss }) => testLoss)).size === 16, "each run is its own");

      const report = await Deno.readTextFile(join(path, "report.html"));
      for (const part of ["SGD", "SAM", "Error-rate reduction", "Robustness to label noise"]) {
        assertStringIncludes(report, part);
      }
      assertStringIncludes(report, "wide_resnet_10_1 on 60 procedural images");
      assertStringIncludes(report, "2 epochs of batch size 20");
      const printed = output.written.join("").trimEnd().split("\n");
      assertEquals(printed.length, 16);
      assertMatch(printed[0]!, /^SGD, 0 % wrong labels, seed 0: test error \d+\.\d % \(\d+ s\)$/);
      assertMatch(printed[8]!, /^ +seeds +epoch +train error +test error +best$/);
      assertMatch(printed[12]!, /^SAM, 40 % wrong labels +2 +2 +\d+\.\d % +\d+\.\d % +\d+\.\d %$/);
      for (const [index, { method, labelNoise }] of settings.slice(0, 4).entries()) {
        const best = [0, 1].map((seed) =>
          Math.min(
            ...rows.filter((row) =>
              row.method === method && row.labelNoise === labelNoise && row.seed === seed
            ).map(({ testError }) => testError!),
          )
        );
        const mean = (100 * (best[0]! + best[1]!) / 2).toFixed(1);
        assert(printed[9 + index]!.endsWith(`  ${mean} %`), `${printed[9 + index]}: ${mean}`);
      }
      assertMatch(printed[14]!, /^Measured with seeds 0 to 1 in \d+ s$/);
      assertEquals(printed[15], `Open ${join(path, "report.html")}`);

      const again = recorder(false);
      assertEquals(await demoCommand(["--seeds", "1", "--output-dir", path], again, config), 0);
      assertMatch(
        again.written.join(""),
        /Measured with seed 0 in \d+ s; 4 of 4 runs were there, --restart trains them anew\n/,
      );
      const anew = recorder(false);
      const restart = ["--seeds", "1", "--restart", "--output-dir", path];
      assertEquals(await demoCommand(restart, anew, config), 0);
      assertMatch(anew.written.join(""), /Measured with seed 0 in \d+ s\n/);
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
    const deadline = Date.now() + 60_000;
    const hasCheckpoint = async () => {
      const files = await Array.fromAsync(walk(folder));
      return files.some((path) => path.endsWith("checkpoint_1.safetensors"));
    };
    while (!await hasCheckpoint()) {
      assert(Date.now() < deadline);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGINT");
    const { code } = await child.status;
    const said = await stdout;
    assertEquals(code, 130, await stderr);
    assertStringIncludes(said, "Interrupted: ending after the running step; Ctrl-C once more");
    assertMatch(said, /Interrupted in run [1-4] of 12; the same command goes on with it\n/);
    await assertRejects(() => Deno.stat(join(folder, "report.html")), Deno.errors.NotFound);
    // deno-lint-ignore no-control-regex -- they are what is looked for
    assert(!/[\x00-\x09\x0b-\x1f\x7f]/.test(said), "control characters");
  }));

Deno.test("demo: refuses what it does not know before it writes anything", () =>
  withFolder(async (folder) => {
    const args = ["--epochs", "2", "--output-dir", join(folder, "demo")];
    await assertRejects(() => demoCommand(args, recorder(false)), UsageError, "--epochs");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test("demo: the runs are the paper's setting against SGD, whole comparisons by seed", () => {
  const runs = runsOf(demoExperiment(3, { ...demoConfig, samRho: 0.1 }));
  assertEquals(
    runs.map(({ config }) => [config.seed, config.labelNoise, config.samRho]),
    [0, 1, 2].flatMap((seed) => [[seed, 0, 0], [seed, 0, 0.1], [seed, 0.4, 0], [seed, 0.4, 0.1]]),
  );
});

/** Paths of all files below a folder. */
async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* walk(join(folder, name));
    else yield join(folder, name);
  }
}
