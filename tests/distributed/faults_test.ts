/** A worker is lost, late or unlike the others: all others stop and name it, and go on when restarted. */
import { freePorts } from "../../lib/system/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { missingPosix, testUnless } from "../_skip.ts";
import { until } from "../_wait.ts";
import { runFolder } from "../../lib/train/mod.ts";
import { cli, runFiles, tinyConfig, withFolder } from "../train/_runs.ts";
import { familyOf, isRunning, missingProc } from "../kernel/_processes.ts";
import { type Ended, start, tfConfig, type Worker } from "./_workers.ts";

/** Four epochs of ten steps. */
const config = { ...tinyConfig, trainCount: 200, testCount: 40, epochs: 4 };
const TRAIN = [
  ...["run", "-q", "--allow-all", "cli.ts", "train", "--model", config.model],
  ...["--train-count", "200", "--test-count", "40", "--batch-size", "20", "--epochs", "4"],
  ...["--m", "10"],
];
const RUN = runFolder({ ...config, m: 10 });
/**
 * Within which all have stopped. The promise is 60 s, which `deno task survive` holds them to; on a
 * machine with other work their starts alone take that long.
 */
const LIMIT_MS = 300_000;

function begin(
  out: string,
  ports: readonly number[],
  rank: number,
  changes: string[] = [],
): Worker {
  return start([...TRAIN, ...changes, "--output-dir", out], { TF_CONFIG: tfConfig(ports, rank) });
}

/** Ends all at once, also those that wait. */
async function ended(workers: readonly Worker[]): Promise<Ended[]> {
  const since = performance.now();
  try {
    const timeout = setTimeout(
      () => workers.forEach(({ process }) => process.kill("SIGKILL")),
      LIMIT_MS,
    );
    const all = await Promise.all(workers.map(({ ended }) => ended));
    clearTimeout(timeout);
    assert(performance.now() - since < LIMIT_MS, "they did not stop");
    return all;
  } finally {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}

const digest = (text: string) => /^sha256 of the parameters: (.*)$/m.exec(text)?.[1];

/** Trains to the end. */
async function finish(out: string, count: number): Promise<string> {
  const ports = freePorts(count);
  const [chief, ...others] = await ended(ports.map((_, rank) => begin(out, ports, rank)));
  for (const { code, stderr } of [chief!, ...others]) assertEquals(code, 0, stderr);
  return digest(chief!.stdout)!;
}

/** Waits until a worker's server is there. */
async function listens(port: number): Promise<void> {
  const isThere = () =>
    Deno.connect({ hostname: "127.0.0.1", port }).then((conn) => (conn.close(), true), () => false);
  await until(isThere, `a server at port ${port}`);
}

let undisturbed: Promise<string> | undefined;

/** Of a run of two workers that nothing happens to. */
function whole(): Promise<string> {
  return undisturbed ??= withFolder((out) => finish(out, 2));
}

function test(name: string, body: (out: string) => Promise<void>): void {
  testUnless(missingPosix, `workers: ${name}`, () => withFolder(body));
}

test("trained by two, nothing happens", async () => void await whole());

for (const [signal, what] of [["SIGKILL", "killed"], ["SIGSTOP", "stopped"]] as const) {
  test(`one is ${what} in a step: the other names it, and both go on bit for bit`, async (out) => {
    const ports = freePorts(2);
    const workers = ports.map((_, rank) => begin(out, ports, rank));
    await workers[0]!.until("epoch 2/4");
    workers[1]!.process.kill(signal);
    const [chief] = await ended(signal === "SIGKILL" ? workers : [workers[0]!]);
    await workers[1]![Symbol.asyncDispose]();
    assertEquals(chief!.code, 4, chief!.stderr);
    const lost = `error: Cannot train on: worker 1 of 2 (127.0.0.1:${ports[1]}) does not answer. ` +
      "Start all workers again: they go on from the last checkpoint";
    assertStringIncludes(chief!.stderr, lost);
    assertEquals(await finish(out, 2), await whole());
  });
}

test("the chief is killed: the others name it", async (out) => {
  const ports = freePorts(2);
  const workers = ports.map((_, rank) => begin(out, ports, rank));
  await workers[0]!.until("epoch 1/4");
  workers[0]!.process.kill("SIGKILL");
  const [, other] = await ended(workers);
  assertEquals(other!.code, 4, other!.stderr);
  assertStringIncludes(other!.stderr, `worker 0 of 2 (127.0.0.1:${ports[0]}) does not answer`);
  assertEquals(await finish(out, 2), await whole());
});

test("one is interrupted: all save after the same step, and go on bit for bit", async (out) => {
  const ports = freePorts(2);
  const workers = ports.map((_, rank) => begin(out, ports, rank));
  await workers[0]!.until("epoch 1/4");
  workers[1]!.process.kill("SIGTERM");
  const all = await ended(workers);
  assertEquals(all.map(({ code }) => code), [130, 143], all.map(({ stderr }) => stderr).join("\n"));
  assertEquals(await finish(out, 2), await whole());
});

test("all are told to stop in the trace of the first step: nothing is half written", async (out) => {
  await using workers = cli([...TRAIN.slice(4), "--local-workers", "2", "--output-dir", out]);
  await workers.until("parameters");
  const since = performance.now();
  workers.kill("SIGTERM");
  const { code, stderr } = await workers.ended;
  assertEquals(code, 143, stderr);
  assert(performance.now() - since < LIMIT_MS, "they did not stop");
  const files = await runFiles(out, { ...config, m: 10 });
  assertEquals(files, ["checkpoint_0.safetensors", "config.json", "metrics.jsonl"], stderr);
  assertEquals(await finish(out, 2), await whole());
});

testUnless(
  missingProc,
  "workers: local ones end, and save, when who began them is killed",
  () =>
    withFolder(async (out) => {
      const leader = new Deno.Command(Deno.execPath(), {
        args: [...TRAIN, "--local-workers", "2", "--output-dir", out],
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      const stderr = leader.stderr.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!text.includes("epoch 1/4")) text += (await stderr.read()).value;
      const family = familyOf(leader.pid);
      leader.kill("SIGKILL");
      await leader.status;
      while (!(await stderr.read()).done); // until the last one has closed it
      assertEquals([family.length, family.filter(isRunning)], [3, []]);
      assertEquals((await runFiles(out, { ...config, m: 10 })).includes("result.json"), false);
      assertEquals(await finish(out, 2), await whole());
    }),
);

test("one is told to stop while another has not come: it leaves at once, and names nobody", async (out) => {
  const ports = freePorts(2);
  const alone = begin(out, ports, 0);
  await listens(ports[0]!);
  const since = performance.now();
  alone.process.kill("SIGTERM");
  const [{ code, stderr }] = await ended([alone]) as [Ended];
  assertEquals(code, 143, stderr);
  assert(performance.now() - since < 40_000, "it waited on for the other, which takes 54 s");
  assert(!stderr.includes("error:"), stderr);
});

test("one never comes: the others name it", async (out) => {
  const ports = freePorts(3);
  const all = await ended([0, 2].map((rank) => begin(out, ports, rank)));
  for (const { code, stderr } of all) {
    assertEquals(code, 4, stderr);
    const missing = `error: Cannot begin: worker 1 of 3 (127.0.0.1:${
      ports[1]
    }) does not answer after`;
    assertStringIncludes(stderr, missing);
    assert(!stderr.includes("worker 0 of 3"), stderr);
  }
});

test("one's port is taken: it says so, and the others name it", async (out) => {
  const ports = freePorts(2);
  using _taken = Deno.listen({ hostname: "0.0.0.0", port: ports[1]! });
  const [chief, other] = await ended(ports.map((_, rank) => begin(out, ports, rank)));
  assertEquals([chief!.code, other!.code], [4, 4]);
  const taken = `error: Cannot start worker 1 of 2 (127.0.0.1:${ports[1]}): it cannot listen there`;
  assertStringIncludes(other!.stderr, taken);
  assertStringIncludes(chief!.stderr, `worker 1 of 2 (127.0.0.1:${ports[1]}) does not answer`);
});

test("one has another cluster in mind: all say who", async (out) => {
  const ports = freePorts(3);
  const [chief, , third] = ports as [number, number, number];
  // A batch that two and three can share.
  const args = TRAIN.map((arg) => arg === "20" ? "24" : arg === "10" ? "4" : arg);
  const configs = [tfConfig(ports, 0), tfConfig(ports, 1), tfConfig([chief, third], 1)];
  const workers = configs.map((config) =>
    start([...args, "--output-dir", out], { TF_CONFIG: config })
  );
  for (const { code, stderr } of await ended(workers)) {
    assertEquals(code, 4, stderr);
    assertMatch(
      stderr,
      /worker \d of [23] \(127.0.0.1:\d+\) is of a cluster of [23] workers, another one of [23]/,
    );
  }
});

test("one has another configuration: all say who", async (out) => {
  const ports = freePorts(2);
  const workers = [begin(out, ports, 0), begin(out, ports, 1, ["--seed", "1"])];
  for (const { code, stderr } of await ended(workers)) {
    assertEquals(code, 4, stderr);
    const other =
      `error: Cannot train together: worker 1 of 2 (127.0.0.1:${ports[1]}) has another ` +
      "configuration; worker 1 of 2";
    assertStringIncludes(stderr, other);
  }
});

test("one has another version of the code: all say who", async (out) => {
  const copy = join(out, "copy");
  const root = new URL("../..", import.meta.url).pathname;
  const copied = await new Deno.Command("sh", {
    args: ["-c", `mkdir "$1" && cp -r cli.ts deno.json deno.lock mod.ts lib "$1"`, "sh", copy],
    cwd: root,
  }).output();
  assertEquals(copied.code, 0);
  await Deno.writeTextFile(join(copy, "lib/system/reason.ts"), "\n// another version\n", {
    append: true,
  });
  const ports = freePorts(2);
  const args = TRAIN.map((arg) => arg === "cli.ts" ? join(copy, "cli.ts") : arg);
  const env = { TF_CONFIG: tfConfig(ports, 1) };
  const workers = [begin(out, ports, 0), start([...args, "--output-dir", out], env)];
  for (const { code, stderr } of await ended(workers)) {
    assertEquals(code, 4, stderr);
    const other = `worker 1 of 2 (127.0.0.1:${
      ports[1]
    }) has another version of the code than the chief`;
    assertStringIncludes(stderr, other);
  }
});

for (const failing of [0, 1]) {
  test(`worker ${failing} fails before the first step: the other says why`, async (out) => {
    const ports = freePorts(2);
    const lacking = ["--data-dir", "/nowhere", "--dataset", "cifar10", "--no-download"];
    const workers = ports.map((_, rank) =>
      begin(out, ports, rank, rank === failing ? lacking : [])
    );
    const all = await ended(workers);
    const [one, other] = [all[failing]!, all[1 - failing]!];
    assertEquals([one.code, other.code], [1, 4], one.stderr + other.stderr);
    assertStringIncludes(one.stderr, "found no /nowhere/");
    const name = `worker ${failing} of 2 (127.0.0.1:${ports[failing]})`;
    assertStringIncludes(
      other.stderr,
      `error: Cannot begin: ${name} failed: Cannot load the data set: found no /nowhere/`,
    );
  });
}

for (const wrong of [["--no-such-flag"], ["--epochs", "0.5"]]) {
  test(`one has a wrong command line, ${wrong[0]}: the other says why`, async (out) => {
    const ports = freePorts(2);
    const workers = [begin(out, ports, 0), begin(out, ports, 1, wrong)];
    const [chief, other] = await ended(workers);
    assertEquals([chief!.code, other!.code], [4, 2], chief!.stderr + other!.stderr);
    const name = `worker 1 of 2 (127.0.0.1:${ports[1]})`;
    const why = /^error: (.*?)(\. See|$)/m.exec(other!.stderr)?.[1];
    assertStringIncludes(chief!.stderr, `error: Cannot begin: ${name} failed: ${why}`);
  });
}

test("checkpoints and events are written by the chief alone", async (out) => {
  await finish(out, 2);
  const names = [...Deno.readDirSync(join(out, RUN))].map(({ name }) => name);
  assertEquals(names.filter((name) => name.startsWith("events.")).length, 1, names.join(" "));
});
