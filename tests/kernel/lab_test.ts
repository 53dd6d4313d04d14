/**
 * The kernel in JupyterLab in a real Chromium, in small; `deno task kernel-stress` does it at full
 * size. Needs Chromium and `.venv/lab`: `deno task lab --setup-only` makes it; with `CI=true` these
 * tests do.
 */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";
import { missingBrowser } from "../_lab.ts";
import { testUnless } from "../_skip.ts";

/** Runs one of the programs beside this file; fails with what it printed. */
async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", fileURLToPath(new URL(program, import.meta.url)), ...args],
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  // deno-lint-ignore no-console -- the counts are the point
  console.log(said.trim());
  assert(success, said);
}

testUnless(
  missingBrowser,
  "JupyterLab: Run All leaves every output under its cell in the saved notebook",
  () => run("lab_browser.ts", "--cells", "50", "--runs", "1"),
);

testUnless(
  missingBrowser,
  "JupyterLab: a slider and a button run the cell's function anew, after a reload too",
  () => run("lab_controls.ts", "--runs", "2"),
);

for (const app of ["lab", "notebook"]) {
  testUnless(
    missingBrowser,
    `${app}: results, type errors that come behind the idle, and tracebacks are under their cells`,
    () => run("lab_outputs.ts", "--app", app),
  );
}
