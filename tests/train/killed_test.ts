/** Runs in processes of their own that are stopped from outside. @module */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { latestCheckpoint, runFolder, train } from "../../lib/train/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
import { cli, runFile, runFiles, sha256Of, tinyConfig, withFolder } from "./_runs.ts";

/** Four epochs of ten steps. */
const config = { ...tinyConfig, trainCount: 200, testCount: 40, epochs: 4 };
const flags = [
  ["--model", config.model],
  ["--train-count", `${config.trainCount}`],
  ["--test-count", `${config.testCount}`],
  ["--batch-size", `${config.batchSize}`],
  ["--epochs", `${config.epochs}`],
].flat();

const run = (outputDir: string) => cli(["train", ...flags, "--output-dir", outputDir]);

/** A run that was never stopped. */
const whole = Promise.withResolvers<{ sha256: string; metrics: string }>();

function test(name: string, body: (outputDir: string) => Promise<void>): void {
  testUnless(missingPosix, `train: ${name}`, () => withFolder(body));
}

/** Goes on in another process and compares with the run that was never stopped. */
async function finish(outputDir: string): Promise<string> {
  await using child = run(outputDir);
  const { code, stdout, stderr } = await child.ended;
  const { sha256, metrics } = await whole.promise;
  assertEquals(code, 0, stderr);
  assertEquals(
    stdout,
    `${join(outputDir, runFolder(config))}\nsha256 of the parameters: ${sha256}\n`,
  );
  assertEquals(await runFile(outputDir, config, "metrics.jsonl"), metrics);
  return stderr;
}

test("a process leaves what a call of the function leaves, calmly where no terminal is", async (out) => {
  const events = await Array.fromAsync(train(config, { outputDir: join(out, "here") }));
  whole.resolve({
    sha256: sha256Of(events),
    metrics: await runFile(join(out, "here"), config, "metrics.jsonl"),
  });
  const stderr = await finish(join(out, "there"));
  // deno-lint-ignore no-control-regex -- they are what is looked for
  assert(!/[\x00-\x09\x0b-\x1f\x7f]/.test(stderr), "control characters");
  const lines = stderr.trimEnd().split("\n");
  assertEquals(lines.length, 7, stderr);
  assertMatch(lines[0]!, /^75,002 parameters, 200 training and 40 test examples, 4 epochs of 10/);
  assertMatch(lines[4]!, /^epoch 4\/4 {2}train loss \d+\.\d{4} error .* images\/s {2}\d/);
});

test("killed again and again it goes on as if it had never been stopped", async (out) => {
  const path = (name: string) => join(out, runFolder(config), name);
  const exists = (name: string) => {
    try {
      return Deno.statSync(path(name)).size > 0;
    } catch {
      return false;
    }
  };
  const moments: [name: string, condition: string | (() => boolean)][] = [
    ["before the first checkpoint", "4 epochs of 10 steps"],
    ["at an epoch's end", () => exists("metrics.jsonl")],
    [
      "while it saves",
      () => exists("checkpoint_2.safetensors.tmp") || exists("checkpoint_2.safetensors"),
    ],
    ["in an epoch", "epoch 3/4"],
  ];
  for (const [name, condition] of moments) {
    await using child = run(out);
    await child.until(condition);
    if (name === "in an epoch") await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGKILL");
    assertEquals((await child.ended).code, null, name);
  }
  await finish(out);
});

test("killed in an epoch it goes on from what it saved by the clock", async (out) => {
  {
    const often = ["--save-progress-seconds", "0.001"];
    await using child = cli(["train", ...flags, ...often, "--output-dir", out]);
    const first = join(out, runFolder(config), "checkpoint_0.safetensors");
    await child.until(() => existsSync(first));
    child.kill("SIGKILL");
    assertEquals((await child.ended).code, null);
  }
  assert((await latestCheckpoint(join(out, runFolder(config))))!.step > 0);
  assertMatch(await finish(out), /resumed after epoch \d from/);
});

test("Ctrl-C saves in the middle of an epoch, says so, and exits with 130", async (out) => {
  {
    await using child = run(out);
    await child.until("epoch 1/4");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await child.ended;
    assertEquals(code, 130, stderr);
    assertStringIncludes(stderr, "Interrupted: saving a checkpoint after the running step");
    assertMatch(
      stderr,
      /interrupted after epoch \d, .*, the same command resumes from .*checkpoint/,
    );
    assertStringIncludes(stdout, "sha256 of the parameters: ");
  }
  const { epoch, step } = (await latestCheckpoint(join(out, runFolder(config))))!;
  assert(step >= 10 * epoch && step < 40, `epoch ${epoch}, step ${step}`);
  assertMatch(await finish(out), /resumed after epoch \d from/);
});

test("SIGTERM does the same, with 143", async (out) => {
  {
    await using child = run(out);
    await child.until("4 epochs of 10 steps");
    child.kill("SIGTERM");
    const { code, stderr } = await child.ended;
    assertEquals(code, 143, stderr);
    assertStringIncludes(stderr, "Asked to terminate");
  }
  assert((await runFiles(out, config)).some((name) => name.startsWith("checkpoint_")));
});

test("a second process in the folder of a running one ends with an error", async (out) => {
  const first = train(config, { outputDir: out });
  await first.next();
  await using second = run(out);
  const { code, stderr } = await second.ended;
  await first.return(undefined);
  assertEquals(code, 1);
  const owner = `\\(pid ${Deno.pid} on ${RegExp.escape(hostname())}\\)`;
  const message = `^error: Cannot train in .*: another process is training there ${owner}\\. .*\n$`;
  assertMatch(stderr, new RegExp(message));
});

test("a reader that goes away does not stop it", async (out) => {
  const command = [Deno.execPath(), "run", "-A", "cli.ts", "train", ...flags, "--output-dir", out];
  const script = `"$@" 2>&1 | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...command],
    cwd: new URL("../..", import.meta.url).pathname,
    stdout: "piped",
  }).output();
  const [first, code] = new TextDecoder().decode(stdout).trim().split("\n");
  assertStringIncludes(first!, "75,002 parameters");
  assertEquals(code, "0");
  assertEquals(await runFile(out, config, "metrics.jsonl"), (await whole.promise).metrics);
});
