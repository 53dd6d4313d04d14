/**
 * What the kernel promises, at full size, under Jupyter's own clients and in a real JupyterLab:
 *
 *     deno task kernel-stress [--cells 1000] [--browser-runs 10]
 *
 * A line of figures for each part, and the count of parts at the end. It takes about half an hour;
 * the same parts in small are in `deno task test`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { testLab } from "../_lab.ts";

const { values: { cells, "browser-runs": runs, help } } = parseArgs({
  options: {
    cells: { type: "string", default: "1000" },
    "browser-runs": { type: "string", default: "10" },
    help: { type: "boolean", default: false },
  },
});

/** A part: the program that tries it, relative to this folder, and its arguments. */
const parts: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ...["nbclient", "nbconvert", "papermill"].map((client) =>
    [`${client}, ${cells} cells`, "clients/cells.py", "--client", client, "--cells", cells] as const
  ),
  ["comms, signatures, kills, restarts", "clients/processes.py"],
  ["jupyter_kernel_test", "clients/kernel_test_suite.py"],
  [`JupyterLab, Run All of 200 cells, ${runs} times`, "lab_browser.ts", "--runs", runs],
  [`JupyterLab, a slider and a button, ${runs} times`, "lab_controls.ts", "--runs", runs],
];

// deno-lint-ignore no-console -- the figures are the point
const print = console.log;

async function main(): Promise<void> {
  const programs = await testLab();
  let failed = 0;
  for (const [name, program, ...args] of parts) {
    print(`== ${name}`);
    const path = fileURLToPath(new URL(program, import.meta.url));
    const command = program.endsWith(".py")
      ? [join(programs, "python"), path]
      : [Deno.execPath(), "run", "-q", "-A", path];
    const { success } = await new Deno.Command(command[0]!, {
      args: [...command.slice(1), ...args],
      stdin: "null",
    }).spawn().status;
    if (!success) failed++;
  }
  print(`${parts.length - failed} passed, ${failed} failed, 0 skipped`);
  Deno.exitCode = failed > 0 ? 1 : 0;
}

if (help) print("Usage: deno task kernel-stress [--cells 1000] [--browser-runs 10]");
else await main();
