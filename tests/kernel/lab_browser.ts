/**
 * JupyterLab in a real Chromium: Run All, save, compare the saved notebook cell by cell, reload.
 *
 *     deno run -A tests/kernel/lab_browser.ts [--cells 200] [--runs 10]
 *
 * Prints a line of JSON a run; exit code 1 if an
 * output is lost, misplaced or out of order, or if the page does not go on after a reload.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { PATIENCE_MS } from "../_wait.ts";
import { notebookOf, runAllCells, startLab, whenReady } from "./_lab_server.ts";

interface Cell {
  readonly source: string;
  readonly tokens: readonly string[];
}

interface SavedCell {
  readonly outputs: readonly {
    readonly text?: string | readonly string[];
    readonly data?: Readonly<Record<string, string | readonly string[]>>;
  }[];
}

const KINDS: readonly ((i: number) => readonly [source: string, outputs: number])[] = [
  (i) => [`for (let k = 0; k < 20; k++) console.log(\`c${i}.o\${k}\`)`, 20],
  (i) => [`for (let k = 0; k < 8; k++) (k % 2 ? console.error : console.log)(\`c${i}.o\${k}\`)`, 8],
  (i) => [
    `for (let k = 0; k < 8; k += 2) {
  console.log(\`c${i}.o\${k}\`);
  await Deno.jupyter.display({ "text/plain": \`c${i}.o\${k + 1}\` }, { raw: true });
}`,
    8,
  ],
  (i) => [`console.log("c${i}.o0"); "c${i}.o1"`, 2],
  (i) => [
    `for (let k = 0; k < 5; k++) {
  await new Promise((done) => setTimeout(done, 1));
  console.log(\`c${i}.o\${k}\`);
}
[1, "c${i}.o5"]`,
    6,
  ],
  (i) => [`for (let k = 0; k < 200; k++) console.log(\`c${i}.o\${k}\`)`, 200],
];

function makeCells(count: number): Cell[] {
  return Array.from({ length: count }, (_, i) => {
    const [source, outputs] = KINDS[i % KINDS.length]?.(i) ?? ["", 0];
    return { source, tokens: Array.from({ length: outputs }, (_, k) => `c${i}.o${k}`) };
  });
}

/** The tokens in each cell of a saved notebook, in order. */
function tokensOf(file: string): string[][] {
  const text = Deno.readTextFileSync(file);
  if (!text.trimEnd().endsWith("}")) return []; // just being written
  const { cells }: { cells: readonly SavedCell[] } = JSON.parse(text);
  return cells.map(({ outputs }) => {
    const text = outputs.map(({ text, data }) =>
      [text ?? data?.["text/plain"] ?? ""].flat().join("")
    );
    return text.join("\n").match(/c\d+\.o\d+/g) ?? [];
  });
}

async function runAll(browser: Browser, url: string, file: string, cells: readonly Cell[]) {
  const start = performance.now();
  const page = await browser.newPage();
  await page.goto(url);
  await whenReady(page);
  await runAllCells(page);
  const last = cells.at(-1)?.tokens.at(-1) ?? "";
  const end = performance.now() + PATIENCE_MS;
  do {
    await page.waitForTimeout(1000);
    await page.keyboard.press("Control+s");
    await page.waitForTimeout(500);
  } while (!tokensOf(file).at(-1)?.includes(last) && performance.now() < end);
  const found = tokensOf(file);

  await page.reload();
  await whenReady(page);
  await page.locator(".jp-CodeCell .cm-content").first().click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type('globalThis.reloads ??= 0; console.log("reloaded", ++reloads)');
  await page.keyboard.press("Control+Enter");
  const output = page.locator(".jp-OutputArea", { hasText: "reloaded 1" }).first();
  const reloaded = await output.waitFor({ timeout: PATIENCE_MS }).then(() => true, () => false);
  await page.close();

  const everywhere = new Set(found.flat());
  const expected = cells.map(({ tokens }) => tokens);
  return {
    cells: cells.length,
    outputs: expected.flat().length,
    lost: expected.flat().filter((token) => !everywhere.has(token)).length,
    misplaced: found.flatMap((tokens, i) => tokens.filter((t) => !expected[i]?.includes(t))).length,
    disordered: found.filter((tokens, i) => tokens.join() !== expected[i]?.join()).length,
    reloaded,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };
}

const { values } = parseArgs({
  options: {
    cells: { type: "string", default: "200" },
    runs: { type: "string", default: "10" },
  },
});
await using lab = await startLab(await Deno.makeTempDir());
const cells = makeCells(Number(values.cells));
let failed = 0;
for (let run = 0; run < Number(values.runs); run++) {
  const name = `run${run}.ipynb`;
  const file = join(lab.folder, name);
  await Deno.writeTextFile(file, notebookOf(cells.map(({ source }) => source)));
  const counts = await runAll(lab.browser, lab.url(name), file, cells);
  // deno-lint-ignore no-console -- the counts are the point
  console.log(JSON.stringify({ run, ...counts }));
  if (counts.lost + counts.misplaced + counts.disordered > 0 || !counts.reloaded) failed++;
  await lab.endSessions();
}
Deno.exitCode = failed > 0 ? 1 : 0;
