/**
 * JupyterLab or Notebook 7 in a real Chromium: what a user sees under cells.
 *
 *     deno run -A tests/kernel/lab_outputs.ts [--app lab|notebook]
 *
 * Prints a line of JSON; exit code 1 if something does not come under its cell.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PATIENCE_MS } from "../_wait.ts";
import { notebookOf, runAllCells, startLab, whenReady } from "./_lab_server.ts";

/** Cells, and what is to be seen under each. */
const CELLS: readonly (readonly [source: string, shown: string])[] = [
  ['console.log("first"); 6 * 7', "42"],
  ['const wrong: number = "text";\nwrong.length', "Type error: Type 'string' is not assignable"],
  ["interface A { b: 1 }\n\nnull.missing", "at Cell [3], line 3"],
];

const { values } = parseArgs({
  options: { app: { type: "string", default: "lab" } },
});
const app = values.app === "notebook" ? "notebook" : "lab";
await using lab = await startLab(await Deno.makeTempDir(), app);
const name = "outputs.ipynb";
await Deno.writeTextFile(join(lab.folder, name), notebookOf(CELLS.map(([source]) => source)));
const page = await lab.browser.newPage();
await page.goto(lab.url(name));
if (app === "lab") await whenReady(page);
await lab.whenIdle();
await page.waitForTimeout(3000);
await runAllCells(page);
const seen: Record<string, boolean> = {};
for (const [index, [, shown]] of CELLS.entries()) {
  const output = page.locator(".jp-CodeCell").nth(index).locator(".jp-OutputArea", {
    hasText: shown,
  });
  seen[shown] = await output.first().waitFor({ timeout: PATIENCE_MS }).then(
    () => true,
    () => false,
  );
}
// deno-lint-ignore no-console -- what was seen is the point
console.log(JSON.stringify({ app, seen }));
if (Object.values(seen).includes(false)) {
  // deno-lint-ignore no-console -- to find out why
  console.log(await page.locator("body").innerText());
  Deno.exitCode = 1;
}
