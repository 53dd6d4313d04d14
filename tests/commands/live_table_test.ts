import { assert, assertEquals } from "@std/assert";
import { downloadProgress } from "../../lib/commands/_download_progress.ts";
import { LiveTable } from "../../lib/commands/_live_table.ts";
import { recorder } from "./_recorder.ts";

/** The lines that a terminal shows after what was written, which goes up only to write anew. */
function screen(written: readonly string[]): string[] {
  const lines = [""];
  // deno-lint-ignore no-control-regex -- what is drawn by is looked for
  for (const [part, up, text] of written.join("").matchAll(/\r\x1b\[(\d+)A\x1b\[J|([^\r\x1b]+)/g)) {
    if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Infinity, "");
    else if (text !== undefined) {
      const [first, ...rest] = text.split("\n");
      lines[lines.length - 1] += first!;
      lines.push(...rest);
    } else throw new Error(`It wrote ${part}`);
  }
  return lines;
}

const rows = [["", "epoch", "error"], ["SGD", "1", "9.5 %"], [
  "a status that is wider than its column",
]];
const drawn = ["     epoch  error", "SGD      1  9.5 %", "a status that is wider than its column"];

Deno.test("LiveTable: on a terminal it is drawn anew in its place", () => {
  const output = recorder(true);
  const table = new LiveTable(output);
  table.draw([["old"], ["older"]]);
  table.draw(rows);
  assertEquals(screen(output.written), [...drawn, ""]);
  table.draw([["new"]]);
  assertEquals(screen(output.written), ["new", ""]);
  table.draw(rows, { last: true });
  table.draw([["below"]]);
  assertEquals(screen(output.written), [...drawn, "below", ""]);
});

Deno.test("LiveTable: the first column stands to the left, the others to the right", () => {
  const output = recorder(false);
  new LiveTable(output).draw([["a", "100"], ["long", "2"]], { last: true });
  assertEquals(output.written.join(""), "a     100\nlong    2\n");
});

Deno.test("LiveTable: lines are printed above it", () => {
  const output = recorder(true);
  const table = new LiveTable(output);
  table.print("first");
  table.draw(rows);
  table.print("second");
  table.draw(rows);
  assertEquals(screen(output.written), ["first", "second", ...drawn, ""]);
});

Deno.test("LiveTable: lines do not wrap while it lives", () => {
  const output = recorder(true, 10);
  const table = new LiveTable(output);
  table.draw(rows);
  assertEquals(screen(output.written), [...drawn.map((line) => line.slice(0, 9)), ""]);
  table.draw(rows, { last: true });
  assertEquals(screen(output.written), [...drawn, ""]);
});

Deno.test("LiveTable: elsewhere only its last state is written, without control characters", () => {
  const output = recorder(false, 10);
  const table = new LiveTable(output);
  table.draw(rows);
  table.print("a line");
  table.draw(rows, { last: true });
  assertEquals(output.written.join(""), ["a line", ...drawn, ""].join("\n"));
});

Deno.test("downloadProgress: a line that changes, or one for each file", () => {
  const show = (isTerminal: boolean) => {
    const output = recorder(isTerminal);
    const progress = downloadProgress(output);
    for (const name of ["a.gz", "b.gz"]) {
      for (let received = 0; received <= 26_000_000; received += 1_000_000) {
        progress({ path: `/data/${name}`, received, total: 26_000_000 });
      }
    }
    return output.written;
  };
  const lines = ["a", "b"].map((name) => `Downloading ${name}.gz: 26.0 of 26.0 MB`);
  assertEquals(show(false).join(""), `${lines.join("\n")}\n`);
  assertEquals(screen(show(true)), [...lines, ""]);
  assert(show(true).length < 10, "not at every chunk");
});
