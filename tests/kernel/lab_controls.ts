/**
 * Controls in JupyterLab in a real Chromium: a slider and a button appear, moving the slider redraws
 * the chart, a click runs once more, and all of it works again after a reload of the page.
 *
 *     deno run -A tests/kernel/lab_controls.ts [--runs 10]
 *
 * Prints a line of JSON a run; exit code 1 if a run fails.
 */
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { PATIENCE_MS, until } from "../_wait.ts";
import { type LabServer, notebookOf, runAllCells, startLab, whenReady } from "./_lab_server.ts";

const CELL = `import { button, chart, interact, slider } from "sam/notebook";
let calls = 0;
await interact({
  rho: slider("rho", { min: 0, max: 1, step: 0.1, value: 0.5 }),
  again: button("Again"),
}, ({ rho, again }) => chart({
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  description: \`rho \${rho}, again \${again}, call \${++calls}\`,
  title: \`rho \${rho}, again \${again}\`,
  data: { values: [{ x: rho }] },
  mark: "point",
  encoding: { x: { field: "x", type: "quantitative", scale: { domain: [0, 1] } } },
}));`;

/** Waits for a chart with such a description, drawn by Vega. */
async function chartSays(page: Page, description: string): Promise<boolean> {
  const chart = page.locator(`.jp-OutputArea [aria-label*="${description}"]`).first();
  return await chart.waitFor({ timeout: PATIENCE_MS }).then(() => true, () => false);
}

/** Waits until the file of a notebook has a text. */
async function isSaved(path: string, text: string): Promise<void> {
  await until(async () => (await Deno.readTextFile(path)).includes(text), `${text} in the file`);
}

/** Moves the slider's handle by one step with the keyboard. */
async function stepUp(page: Page): Promise<void> {
  await page.locator(".noUi-handle").first().focus();
  await page.keyboard.press("ArrowRight");
}

async function tryControls(lab: LabServer, name: string) {
  const said: string[] = [];
  const page = await lab.browser.newPage();
  page.on("console", (message) => {
    if (/widget|comm|model/i.test(message.text())) said.push(message.text());
  });
  await page.goto(lab.url(name));
  await whenReady(page);
  await runAllCells(page);
  const shown = await chartSays(page, "rho 0.5, again 0");
  const result = { shown, slid: false, clicked: false, reloaded: false };
  if (shown) {
    await stepUp(page);
    result.slid = await chartSays(page, "rho 0.6, again 0");
    await page.getByRole("button", { name: "Again" }).click();
    result.clicked = await chartSays(page, "rho 0.6, again 1");
    await page.keyboard.press("Control+s");
    await isSaved(join(lab.folder, name), "widget-view+json");
    await page.goto(lab.url(name).replace("?reset", "?"));
    await whenReady(page);
    if (await chartSays(page, "rho 0.6, again 1")) {
      await stepUp(page);
      result.reloaded = await chartSays(page, "rho 0.7, again 1");
    }
  }
  await page.close();
  return { ...result, said };
}

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
  },
});
await using lab = await startLab(dirname(import.meta.dirname!));
let failed = 0;
for (let run = 0; run < Number(values.runs); run++) {
  const name = `run${run}.ipynb`;
  await Deno.writeTextFile(join(lab.folder, name), notebookOf([CELL]));
  const { said, ...result } = await tryControls(lab, name);
  const isFailed = Object.values(result).includes(false);
  // deno-lint-ignore no-console -- the counts are the point
  console.log(JSON.stringify({ run, ...result, ...isFailed && { said } }));
  if (isFailed) failed++;
  await lab.endSessions();
}
Deno.exitCode = failed > 0 ? 1 : 0;
