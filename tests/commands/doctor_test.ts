/** The command `doctor`, and its checks with other machines' answers. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { difference } from "../../lib/commands/_device_checks.ts";
import { browser, deno, memory, oneDnn } from "../../lib/commands/_machine_checks.ts";
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
  assertStringIncludes(stdout, "→ Run `deno task setup`\n");
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
