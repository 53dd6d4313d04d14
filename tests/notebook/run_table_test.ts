import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { shownRows } from "../../lib/notebook/_run_table.ts";
import type { EpochRow } from "../../lib/train/mod.ts";

const row = (method: string, epoch: number, testError?: number): EpochRow => ({
  ...{ dataset: "mine", model: "m", method, rho: method === "SGD" ? 0 : 0.05, labelNoise: 0.4 },
  ...{ seed: 3, epoch, trainLoss: 1.23456, trainError: 0.5 },
  ...testError !== undefined && { testLoss: 1, testError },
});

const bundle = (rows: object) =>
  (rows as { [name: symbol]: () => Record<string, string> })[Symbol.for("Jupyter.display")]!();

Deno.test("rows of runs show the last epoch of each, in a terminal and as HTML, and stay an array", () => {
  const rows = shownRows([row("SGD", 1, 0.9), row("SGD", 2, 0.25), row("SAM", 1)]);
  const text = Deno.inspect(rows);
  assertEquals(text.split("\n"), [
    "Method     ρ  Wrong labels  Seed  Epoch  trainLoss  trainError  testLoss  testError",
    "SGD        0           0.4     3      2  1.235      0.5000      1.000     0.2500",
    "SAM     0.05           0.4     3      1  1.235      0.5000      –         –",
    "The last of 3 epochs of 2 runs",
  ]);
  assertEquals(bundle(rows)["text/plain"], text);
  assertStringIncludes(
    bundle(rows)["text/html"]!,
    "<caption>The last of 3 epochs of 2 runs</caption>",
  );
  assert(Array.isArray(rows) && rows.length === 3);
  assertEquals(rows, [row("SGD", 1, 0.9), row("SGD", 2, 0.25), row("SAM", 1)]);
});

Deno.test("rows of many runs are counted, and none at all show an empty table", () => {
  const rows = Array.from({ length: 25 }, (_, seed) => ({ ...row("SAM", 1, 0.1), seed }));
  const text = Deno.inspect(shownRows(rows));
  assertEquals(text.split("\n").length, 22);
  assertStringIncludes(text, "The last of 25 epochs of 25 runs; 5 runs more");
  assertStringIncludes(Deno.inspect(shownRows([])), "The last of 0 epochs of 0 runs");
});
