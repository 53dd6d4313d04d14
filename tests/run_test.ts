import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";

/** Runs tests by the runner. @returns its exit code, and its lines from deno's summary on */
async function run(tests: string, ...options: string[]) {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "some_test.ts");
    await Deno.writeTextFile(file, tests);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", new URL("run.ts", import.meta.url).pathname, file, ...options],
      env: { NO_COLOR: "1" },
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "");
    const summary = lines.findIndex((line) => /\d+ passed/.test(line));
    return { code, lines: lines.slice(summary) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const skip = new URL("_skip.ts", import.meta.url).href;
const tests = `
  import { testUnless } from "${skip}";
  testUnless(undefined, "passes", () => {});
  testUnless("there is no <b> & \\"c\\"", "needs a", () => { throw new Error("it ran"); });
  Deno.test({ name: "says nothing", ignore: true, fn() {} });
`;

Deno.test("runner: the reasons of skipped tests follow deno's own summary", async () => {
  const { code, lines: [summary, ...reasons] } = await run(tests);
  assertEquals(code, 0);
  // As .ci/run reads it.
  assert(/^ok \| 1 passed \| 0 failed \| 2 ignored /.test(summary!), summary);
  assertEquals(reasons, [
    'Skipped: needs a: there is no <b> & "c"',
    "Skipped: says nothing: its file does not say why",
  ]);
});

Deno.test("runner: a filter is deno's, and its exit code too", async () => {
  const failing = `${tests}\nDeno.test("fails", () => { throw new Error("of course"); });`;
  const { code, lines } = await run(failing, "--filter=/^(fails|needs)/");
  assertEquals(code, 1);
  assert(lines[0]!.startsWith("FAILED | 0 passed | 1 failed | 1 ignored | 2 filtered out"));
  assertEquals(lines.filter((line) => line.startsWith("Skipped")), [
    'Skipped: needs a: there is no <b> & "c"',
  ]);
});
