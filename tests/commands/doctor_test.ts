/** The command `doctor`, and its checks with other machines' answers. @module */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { basename, join } from "node:path";
import { difference } from "../../lib/commands/_device_checks.ts";
import { browser, deno, memory, oneDnn } from "../../lib/commands/_machine_checks.ts";
import { installFolder } from "../../lib/tensorflow/install/locate.ts";
import { locateTensorFlow } from "../../lib/tensorflow/install/mod.ts";
import { cli } from "../train/_runs.ts";

async function run(args: readonly string[], env?: Record<string, string>) {
  await using child = cli(["doctor", ...args], env);
  return await child.ended;
}

Deno.test("doctor: this machine trains, and a step of SAM is the CPU's", async () => {
  const { code, stdout, stderr } = await run(["--json", "--gpu"]);
  assertEquals([code, stderr], [0, ""], stdout);
  const found: { name: string; state: string; found: string }[] = JSON.parse(stdout);
  const names = found.map(({ name }) => name);
  for (const name of ["package", "system", "Deno", "TensorFlow", "devices", "disk", "memory"]) {
    assert(names.includes(name), name);
  }
  const step = found.find(({ name }) => name === "SAM step")!;
  assertEquals([step.state, step.found], [
    "works",
    "CPU: 75290 parameters, off by 0.0e+0 from the CPU's",
  ]);
});

Deno.test("doctor: without TensorFlow it says what to do, with exit code 1", async () => {
  const { code, stdout } = await run([], { SAM_TENSORFLOW: "/nowhere" });
  assertEquals(code, 1);
  assertStringIncludes(stdout, "✗ TensorFlow  Cannot use SAM_TENSORFLOW=/nowhere");
  assertStringIncludes(
    stdout,
    "→ Set it to a folder that does, or unset it and run `deno task setup`",
  );
  assert(!stdout.includes("devices"), "nothing is known of them");
});

Deno.test("doctor: a damaged TensorFlow, which ends its process, is told with its cure", async () => {
  const cache = await Deno.makeTempDir();
  const folder = join(installFolder(cache, "cpu"), "tensorflow");
  await Deno.mkdir(folder, { recursive: true });
  const { cc, framework } = locateTensorFlow();
  for (const path of [cc, framework]) {
    using whole = await Deno.open(path);
    const part = new Uint8Array(1_000_000);
    await whole.read(part);
    await Deno.writeFile(join(folder, basename(path)), part);
  }
  const { code, stdout, stderr } = await run([], { SAM_TENSORFLOW: "", SAM_CACHE_DIR: cache });
  assertEquals([code, stderr], [1, ""]);
  assertMatch(stdout, /^✗ TensorFlow .*\n +→ Run `deno task setup --force`/m);
  assertMatch(stdout, /^✓ disk/m);
  await Deno.remove(cache, { recursive: true });
});

Deno.test("doctor: without a home it names the variable that helps, and asks for no report", async () => {
  const { code, stdout } = await run([], {
    ...{ HOME: "", XDG_CACHE_HOME: "", SAM_CACHE_DIR: "", SAM_TENSORFLOW: "" },
  });
  assertEquals(code, 1);
  assertStringIncludes(stdout, "✗ TensorFlow  Cannot choose a cache folder: HOME is not set\n");
  assertStringIncludes(stdout, "→ Set SAM_CACHE_DIR to a folder\n");
  assert(!stdout.includes("Report this"), stdout);
});

Deno.test("doctor: where the cache folder should be is a file", async () => {
  const file = await Deno.makeTempFile();
  const { code, stdout } = await run([], { SAM_TENSORFLOW: "", SAM_CACHE_DIR: file });
  assertEquals(code, 1);
  assert(!stdout.includes("Report this"), stdout);
  await Deno.remove(file);
});

Deno.test("doctor: other machines", () => {
  const states = [
    deno("2.9.0"),
    deno("3.0.0"),
    deno("2.8.9"),
    oneDnn(undefined, { os: "linux", arch: "x86_64" }),
    oneDnn("0", { os: "linux", arch: "x86_64" }),
    oneDnn(undefined, { os: "linux", arch: "aarch64" }),
    oneDnn("1", { os: "linux", arch: "aarch64" }),
    oneDnn(undefined, { os: "darwin", arch: "aarch64" }),
    browser(undefined),
    memory(2 * 2 ** 30, 2 ** 30),
  ];
  assertEquals(states.map(({ state }) => state), [
    ...["works", "works", "failed", "works", "missing", "missing", "works", "missing", "missing"],
    "missing",
  ]);
  for (const { state, remedy } of states) assertEquals(state === "works", remedy === undefined);
});

Deno.test("doctor: the difference of a device's parameters", () => {
  const [one, other] = [Float32Array.of(1, 2), Float32Array.of(1, 4)];
  assertEquals(difference(one, one), 0);
  assertEquals(difference(one, other), 0.5);
  assertEquals(difference(Float32Array.of(NaN, 4), other), Infinity);
});
