/**
 * Records docs/lab.gif: JupyterLab in a real Chromium, driving cells on the kernel "Deno (SAM)" (this needs
 * `deno task lab --setup-only`, Chromium and ImageMagick):
 *
 *     deno run --allow-all docs/site/recording.ts [FOLDER]
 *
 * The pictures are left in FOLDER, if it is named. Waiting is shortened; nothing else is arranged.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { notebookOf, startLab, whenReady } from "../../tests/kernel/_lab_server.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SIZE = { width: 920, height: 640 };
const COLORS = 40;

const TENSOR = `import { optim, tf, train } from "sam";
import { live } from "sam/notebook";
tf.linspace(0, 1, 6).reshape([2, 3])`;
const TRAINING = `const rows = await live(train.train({
  dataset: "fashion_mnist_small", model: "wide_resnet_10_1", trainCount: 500,
  batchSize: 25, augmentation: "none", epochs: 12, samRho: 0.1,
}, { folder: Deno.makeTempDirSync() }), { curves: true });`;
const HELP = "optim.sam(";
const WRONG = `const rho: number = "0.1";`;

/** A picture, and for how many hundredths of a second it stands. */
interface Frame {
  readonly path: string;
  readonly delay: number;
}

class Recording {
  readonly frames: Frame[] = [];
  readonly #page: Page;
  readonly #folder: string;

  constructor(page: Page, folder: string) {
    this.#page = page;
    this.#folder = folder;
  }

  /** Takes a picture that stands for so many seconds. */
  async shot(seconds: number): Promise<void> {
    const path = join(this.#folder, `${String(this.frames.length).padStart(2, "0")}.png`);
    // A blinking caret would be another picture of the same.
    await this.#page.screenshot({ path, caret: "hide", animations: "disabled" });
    this.frames.push({ path, delay: Math.round(100 * seconds) });
  }
}

/** Runs the cell that is edited, and goes to the next. */
async function runCell(page: Page): Promise<void> {
  await page.keyboard.press("Shift+Enter");
}

/** Waits for text in the outputs, longer than it takes a loaded machine. */
async function outputSays(page: Page, text: string | RegExp): Promise<void> {
  await page.locator(".jp-OutputArea-output", { hasText: text }).first()
    .waitFor({ timeout: 120_000 });
}

/** Scrolls to the end of a cell with its outputs. */
async function showEnd(cell: Locator): Promise<void> {
  await cell.evaluate((element) => element.scrollIntoView({ block: "end" }));
}

/** Types into the cell that is edited, a picture every few letters. */
async function type(page: Page, recording: Recording, text: string): Promise<void> {
  for (const part of text.match(/.{1,5}/gs) ?? []) {
    await page.keyboard.insertText(part);
    await recording.shot(0.2);
  }
}

async function record(page: Page, recording: Recording): Promise<void> {
  await page.locator(".jp-CodeCell .cm-content").first().click();
  await recording.shot(1.5);
  await runCell(page);
  await outputSays(page, "Tensor float32 [2, 3]");
  await recording.shot(2.5);

  await runCell(page);
  const trained = page.locator(".jp-CodeCell").nth(1);
  const isIdle = () => page.getByText("Deno (SAM) | Idle", { exact: true }).isVisible();
  for (let said = ""; said === "" || !await isIdle();) {
    await page.waitForTimeout(200);
    const now = /epoch (\d+) of/.exec(await trained.innerText())?.[1] ?? "";
    if (now === said) continue;
    said = now;
    await showEnd(trained);
    await recording.shot(0.4);
  }
  await page.waitForTimeout(2000);
  await showEnd(trained);
  await recording.shot(2.5);

  await page.locator(".jp-CodeCell .cm-content").nth(2).click();
  await type(page, recording, HELP);
  const help = page.locator(".jp-Tooltip", { hasText: "GradientFunction" });
  const isShown = () => help.waitFor({ timeout: 20_000 }).then(() => true, () => false);
  // The language server may be starting.
  for (let tries = 0; tries < 10; tries++) {
    await page.keyboard.press("Shift+Tab");
    if (await isShown()) break;
  }
  await help.waitFor({ timeout: 1_000 });
  await recording.shot(4);
  await page.keyboard.press("Escape");
  await page.locator(".jp-CodeCell .cm-content").nth(2).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");

  await type(page, recording, WRONG);
  await runCell(page);
  await outputSays(page, "Type error: Type 'string' is not assignable to type 'number'");
  await page.waitForTimeout(500);
  await recording.shot(4);
}

const folder = Deno.args[0] ?? await Deno.makeTempDir();
await Deno.mkdir(folder, { recursive: true });
try {
  await using lab = await startLab(join(ROOT, "docs", "site"));
  await Deno.writeTextFile(join(lab.folder, "sam.ipynb"), notebookOf([TENSOR, TRAINING, ""]));
  const page = await lab.browser.newPage({ viewport: SIZE });
  await page.goto(lab.url("sam.ipynb").replace("/lab/tree/", "/doc/tree/"));
  await whenReady(page);
  // Asked once, whether there should be news of Jupyter.
  const no = page.getByRole("button", { name: "No", exact: true });
  await page.addLocatorHandler(no, () => no.click());
  const recording = new Recording(page, folder);
  await record(page, recording);
  const { success, stderr } = await new Deno.Command("convert", {
    args: [
      ...recording.frames.flatMap(({ path, delay }) => ["-delay", String(delay), path]),
      ...["+dither", "-colors", String(COLORS), "-layers", "Optimize"],
      join(ROOT, "docs", "lab.gif"),
    ],
  }).output();
  if (!success) throw new Error(`Cannot write lab.gif: ${new TextDecoder().decode(stderr)}`);
} finally {
  if (Deno.args[0] === undefined) await Deno.remove(folder, { recursive: true });
}
