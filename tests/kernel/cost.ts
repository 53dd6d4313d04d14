/**
 * What our kernel costs over Deno's own, side by side in one run:
 *
 *     deno task kernel-cost [--cells 300] [--lines 1000000]
 *
 * Medians of a trivial cell, its busy to its idle, alternating between both; then the time of many
 * printed lines and the most memory that the kernel's processes take meanwhile.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { DENO_KERNEL, TestKernel, type TestKernelOptions } from "./_kernel.ts";
import { residentBytes } from "./_processes.ts";

const { values: { cells, lines, "deno-lines": denoLines, help } } = parseArgs({
  options: {
    cells: { type: "string", default: "300" },
    lines: { type: "string", default: "1000000" },
    "deno-lines": { type: "string", default: "20000" },
    help: { type: "boolean", default: false },
  },
});

// deno-lint-ignore no-console -- the figures are the point
const print = console.log;

/** Types are checked, as for a user. */
const OURS: TestKernelOptions = { env: { DENO_KERNEL_TYPE_ERRORS: "warnings" } };

async function milliseconds(kernel: TestKernel, code: string): Promise<number> {
  const start = performance.now();
  const { status } = await kernel.run(code);
  if (status !== "ok") throw new Error(`The cell failed: ${code}`);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

async function trivialCells(count: number): Promise<void> {
  await using ours = await TestKernel.start(OURS);
  await using denos = await TestKernel.start(DENO_KERNEL);
  const times: [ours: number[], denos: number[]] = [[], []];
  for (let i = -20; i < count; i++) {
    for (const [index, kernel] of [ours, denos].entries()) {
      const time = await milliseconds(kernel, `${Math.max(0, i)} + 1`);
      if (i >= 0) times[index]!.push(time);
    }
  }
  const [a, b] = times.map(median) as [number, number];
  print(
    `A trivial cell, medians of ${count}: ours ${a.toFixed(2)} ms, Deno's ${b.toFixed(2)} ms, ` +
      `difference ${(a - b).toFixed(2)} ms`,
  );
}

async function printedLines(
  name: string,
  options: TestKernelOptions,
  count: number,
): Promise<void> {
  await using kernel = await TestKernel.start(options);
  await kernel.run("1");
  const idle = residentBytes(kernel.process.pid);
  let most = idle;
  const looking = setInterval(() => {
    most = Math.max(most, residentBytes(kernel.process.pid));
  }, 100);
  const start = performance.now();
  const { outputs } = await kernel.run(
    `for (let i = 0; i < ${count}; i++) console.log("line " + i)`,
  );
  const seconds = (performance.now() - start) / 1000;
  clearInterval(looking);
  const text = outputs.map((output) => output.replace("stream:", "")).join("");
  const got = text.split("\n").filter((line, i) => line === `line ${i}`).length;
  const [a, b] = [idle, most].map((bytes) => Math.round(bytes / 2 ** 20));
  print(
    `${name}: ${count} lines in ${seconds.toFixed(1)} s, ${got} arrived in order by idle, ` +
      `${outputs.length} messages, memory ${a} MiB idle, at most ${b} MiB`,
  );
}

if (help) print("Usage: deno task kernel-cost [--cells 300] [--lines 1000000]");
else {
  if (Number(cells) > 0) await trivialCells(Number(cells));
  if (Number(lines) > 0) await printedLines("Ours", OURS, Number(lines));
  if (Number(denoLines) > 0) {
    await printedLines("Deno's own", DENO_KERNEL, Number(denoLines));
    await printedLines("Ours", OURS, Number(denoLines));
  }
  Deno.exit(0);
}
