/** JupyterLab in a temporary folder, and a Chromium to look at it, for programs that print counts. */
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { KERNEL_NAME } from "../../lib/kernel/mod.ts";
import { findChromium } from "../../lib/reports/mod.ts";
import { freePorts } from "../../lib/system/mod.ts";
import { testLab } from "../_lab.ts";
import { PATIENCE_MS, until } from "../_wait.ts";

/** A JupyterLab that listens, and its browser. */
export interface LabServer extends AsyncDisposable {
  readonly browser: Browser;
  /** Where its notebooks lie. */
  readonly folder: string;
  /** The address of a notebook in {@linkcode folder}. */
  url(name: string): string;
  /** Waits for a notebook's kernel to be idle, as the server says. */
  whenIdle(): Promise<void>;
  /** Ends all kernels. */
  endSessions(): Promise<void>;
}

/**
 * Starts both.
 *
 * @param parent of the folder; inside the project, so that its notebooks can import "sam"
 * @param app JupyterLab, or Notebook 7
 * @throws Error if there is no Chromium, or JupyterLab does not answer
 */
export async function startLab(
  parent: string,
  app: "lab" | "notebook" = "lab",
): Promise<LabServer> {
  const programs = await testLab();
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("Cannot test JupyterLab without Chromium");
  const folder = await Deno.makeTempDir({ dir: parent });
  const [port] = freePorts(1);
  const token = crypto.randomUUID();
  const lab = new Deno.Command(join(programs, `jupyter-${app}`), {
    args: [
      "--no-browser",
      "--allow-root",
      "--ServerApp.ip=127.0.0.1",
      `--ServerApp.port=${port}`,
      "--ServerApp.port_retries=0",
      `--ServerApp.root_dir=${folder}`,
      `--IdentityProvider.token=${token}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const server = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${server}/api`).then(async (answer) => !!await answer.text(), () => false);
  await until(answers, `an answer of JupyterLab at ${server}`);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return {
    browser,
    folder,
    url: (name) =>
      `${server}/${app === "lab" ? "lab/tree" : "notebooks"}/${name}?reset&token=${token}`,
    async whenIdle() {
      const isIdle = async () => {
        const answer = await fetch(`${server}/api/kernels?token=${token}`);
        // While a kernel comes or goes, the answer may be an error.
        const kernels: { execution_state: string }[] | { message: string } = await answer.json();
        return Array.isArray(kernels) &&
          kernels.some((kernel) => kernel.execution_state === "idle");
      };
      await until(isIdle, "a kernel that is idle");
    },
    async endSessions() {
      const answer = await fetch(`${server}/api/sessions?token=${token}`);
      const sessions: { id: string }[] = await answer.json();
      for (const { id } of sessions) {
        const ended = await fetch(`${server}/api/sessions/${id}?token=${token}`, {
          method: "DELETE",
        });
        await ended.body?.cancel();
      }
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      lab.kill("SIGTERM");
      await lab.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A notebook of cells of code. */
export function notebookOf(sources: readonly string[]): string {
  return JSON.stringify({
    cells: sources.map((source, i) => ({
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

/** Waits for the kernel: the notebook's own indicator says idle before there is a session. */
export async function whenReady(page: Page): Promise<void> {
  await page.getByText("Deno (SAM) | Idle", { exact: true }).waitFor({ timeout: PATIENCE_MS });
  await page.waitForTimeout(500);
}

/** Chooses "Run All Cells" in the menu. */
export async function runAllCells(page: Page): Promise<void> {
  await page.locator(".lm-MenuBar-itemLabel", { hasText: /^Run$/ }).click();
  await page.locator(".lm-Menu-itemLabel", { hasText: /^Run All Cells$/ }).click();
}
