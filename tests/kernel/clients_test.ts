/**
 * The kernel under Jupyter's own clients, unpatched. Needs `.venv/lab`: `deno task lab --setup-only`
 * makes it; with `CI=true` these tests do.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingLab, testLab } from "../_lab.ts";
import { testUnless } from "../_skip.ts";

/** Runs one of the Python programs beside this file; what it printed. */
async function python(script: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(
    join(await testLab(), "python"),
    { args: [fileURLToPath(new URL(`./clients/${script}`, import.meta.url)), ...args] },
  ).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, said);
  return said;
}

testUnless(missingLab, "Jupyter's clients: no output lost or misplaced", async (t) => {
  for (
    const [client, cells] of [["nbclient", 100], ["nbconvert", 60], ["papermill", 40]] as const
  ) {
    await t.step(`${client}: ${cells} cells`, async () => {
      const said = await python("cells.py", "--client", client, "--cells", `${cells}`);
      // deno-lint-ignore no-console -- the counts are the point
      console.log(said.trim());
      const counts = JSON.parse(said.split("\n").find((line) => line.startsWith("{")) ?? "{}");
      assertEquals([counts.lost, counts.misplaced, counts.disordered], [0, 0, 0]);
    });
  }
});

testUnless(missingLab, "comms, a killed evaluator, restarts; no process is left", async () => {
  const said = await python("processes.py");
  // deno-lint-ignore no-console -- the figures are the point
  console.log(said.trim());
});

testUnless(missingLab, "jupyter_kernel_test: all pass", async () => {
  const said = await python("kernel_test_suite.py");
  assert(/Ran 12 tests/.test(said) && /^OK$/m.test(said), said);
});

testUnless(
  missingLab,
  "jupyter console: results, an error, an interrupt, help, the end",
  async () => {
    const said = await python("console.py");
    assert(said.includes("5 cells, an error, an interrupt, help"), said);
  },
);
