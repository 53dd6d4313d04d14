/**
 * JupyterLab in a real Chromium: Run All, save, compare the saved notebook cell by cell, reload.
 *
 *     deno run -A tests/kernel/lab_browser.ts [--cells 200] [--runs 10] [--chromium /usr/bin/chromium]
 *
 * Needs `.venv/lab` (`deno task lab --setup-only`). Prints a line of JSON a run; exit code 1 if an
 * output is lost, misplaced or out of order, or if the page does not go on after a reload.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { labPrograms } from "../../lib/commands/_lab_environment.ts";
import { installKernel, KERNEL_NAME } from "../../lib/kernel/mod.ts";

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

function notebook(cells: readonly Cell[]): string {
  return JSON.stringify({
    cells: cells.map(({ source }, i) => ({
      cell_type: "code",
      id: `cell-${i}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
    metadata: { kernelspec: { name: KERNEL_NAME, display_name: "Deno (SAM)" } },
    nbformat: 4,
    nbformat_minor: 5,
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

/** Waits for the kernel: the notebook's own indicator says idle before there is a session. */
async function whenReady(page: Page): Promise<void> {
  await page.getByText("Deno (SAM) | Idle", { exact: true }).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(500);
}

async function runAll(browser: Browser, url: string, file: string, cells: readonly Cell[]) {
  const start = performance.now();
  const page = await browser.newPage();
  await page.goto(url);
  await whenReady(page);
  await page.locator(".lm-MenuBar-itemLabel", { hasText: /^Run$/ }).click();
  await page.locator(".lm-Menu-itemLabel", { hasText: /^Run All Cells$/ }).click();
  const last = cells.at(-1)?.tokens.at(-1) ?? "";
  const end = performance.now() + 60_000;
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
  const reloaded = await output.waitFor({ timeout: 10_000 }).then(() => true, () => false);
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
    chromium: { type: "string", default: "/usr/bin/chromium" },
    port: { type: "string", default: "18988" },
  },
});
const environment = fileURLToPath(new URL("../../.venv/lab", import.meta.url));
await installKernel({ prefix: environment });
const folder = await Deno.makeTempDir();
const token = crypto.randomUUID();
const lab = new Deno.Command(join(labPrograms(environment), "jupyter-lab"), {
  args: [
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.port=${values.port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.root_dir=${folder}`,
    `--IdentityProvider.token=${token}`,
  ],
  stdout: "null",
  stderr: "null",
}).spawn();
const server = `http://127.0.0.1:${values.port}`;
while (!await fetch(`${server}/api`).then((r) => r.text()).catch(() => "")) {
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const browser = await chromium.launch({
  executablePath: values.chromium,
  args: ["--no-sandbox"],
});
const cells = makeCells(Number(values.cells));
let failed = 0;
try {
  for (let run = 0; run < Number(values.runs); run++) {
    const file = join(folder, `run${run}.ipynb`);
    await Deno.writeTextFile(file, notebook(cells));
    const url = `${server}/lab/tree/run${run}.ipynb?reset&token=${token}`;
    const counts = await runAll(browser, url, file, cells);
    // deno-lint-ignore no-console -- the counts are the point
    console.log(JSON.stringify({ run, ...counts }));
    if (counts.lost + counts.misplaced + counts.disordered > 0 || !counts.reloaded) failed++;
    const sessions: { id: string }[] = await (await fetch(`${server}/api/sessions?token=${token}`))
      .json();
    for (const { id } of sessions) {
      await fetch(`${server}/api/sessions/${id}?token=${token}`, { method: "DELETE" });
    }
  }
} finally {
  await browser.close();
  lab.kill("SIGTERM");
  await lab.status;
  await Deno.remove(folder, { recursive: true });
}
Deno.exitCode = failed > 0 ? 1 : 0;
