/** README's figures against the records of the benches. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readRecords, type RecordedRow, withFigures } from "../../bench/_readme.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("README.md: its table of figures is that of bench/records", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const records = await readRecords(new URL("bench/records/", ROOT));
  assert(records.length > 10, `${records.length} rows`);
  assertEquals(
    readme,
    withFigures(readme, records),
    "run `deno task bench --readme`, which writes the records' figures into README.md",
  );
});

Deno.test("README.md: what it is, a picture, two commands, then what works; details are in docs", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const top = readme.slice(0, readme.indexOf("\n## "));
  const parts = ["# sam: ", "[SAM](", "![", "```sh\ndeno task "].map((part) => top.indexOf(part));
  assert(parts.every((at, index) => at >= 0 && at > (parts[index - 1] ?? -1)), String(parts));
  const [, commands = ""] = /```sh\n([^`]*)```/.exec(top) ?? [];
  assertEquals(commands.trim().split("\n").length, 2);
  assertEquals(/\n## (.*)/.exec(readme)?.[1], "What works, and what does not");
  const words = readme.replace(/<!-- deno task bench[^]*<!-- end of figures -->/, "").split(/\s+/);
  assert(words.length < 2000, `${words.length} words`);
});

const row = (name: string, rest: Partial<RecordedRow> = {}): RecordedRow => ({
  name,
  value: 1527.4,
  unit: "ms",
  peer: null,
  ratio: null,
  date: "2026-01-01T01:00:00.000Z",
  machine: "2 × test, 24 GiB, linux 6 x86_64",
  versions: "Deno 2, sam Deno 2, PyTorch 2.13 (2 threads)",
  ...rest,
});

const EMPTY = "a\n<!-- deno task bench --readme -->\nold\n<!-- end of figures -->\nb\n";

/** The cells of the table that records make. */
function cellsOf(records: readonly RecordedRow[]): string[][] {
  return withFigures(EMPTY, records).split("\n").filter((line) => line.startsWith("| ")).slice(2)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("README's figures: our rows with their peers' figures, once each", () => {
  const records = [
    row("step: ours, compiled"),
    row("step: PyTorch"),
    row("step: ours, compiled", { peer: "PyTorch", ratio: 0.9 }),
    row("step: SGD, ours"),
    row("step: SAM, ours", { peer: "SGD, ours", ratio: 2 }),
    row("step: SAM, PyTorch", { peer: "SGD, PyTorch", ratio: 2 }),
    row("images: ours", { value: 46954.6, unit: "images/s", peer: "tf.data: 11219", ratio: 4.185 }),
    row("growth, all: ours", { value: 0, unit: "tensors" }),
    row("step: ours", { peer: "a745e79", ratio: 1 }),
  ];
  assertEquals(cellsOf(records), [
    ["step, compiled", "1,527 ms", "PyTorch: 1,697 ms", "0.90", "2026-01-01"],
    ["step, SAM", "1,527 ms", "SGD, ours: 763.7 ms", "2.00", "2026-01-01"],
    ["images", "46,955 images/s", "tf.data: 11,220 images/s", "4.18", "2026-01-01"],
    ["growth, all", "0 tensors", "", "", "2026-01-01"],
  ]);
});

Deno.test("README's figures: a newer record takes the place of a figure, and stands first", () => {
  const date = "2026-02-01T01:00:00.000Z";
  const peer = { peer: "JAX", ratio: 0.5 };
  const records = [
    row("a: ours", peer),
    row("b: ours"),
    row("a: ours", { ...peer, date }),
  ];
  assertEquals(cellsOf(records).map(([name, , , , day]) => [name, day]), [
    ["a", "2026-02-01"],
    ["b", "2026-01-01"],
  ]);
});

Deno.test("README's figures: machine and versions once, the rest of the text as it is", () => {
  const text = withFigures(EMPTY, [row("a: ours"), row("b: ours")]);
  assertStringIncludes(text, "\n2 × test, 24 GiB; Deno 2, PyTorch 2.13\n");
  assert(text.startsWith("a\n<!-- deno") && text.endsWith("<!-- end of figures -->\nb\n"));
  assertEquals(withFigures(text, [row("a: ours"), row("b: ours")]), text);
  assertThrows(() => withFigures("no markers", []), Error, "lacks the lines <!-- deno task");
});
