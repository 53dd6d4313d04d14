import { assertEquals } from "@std/assert";
import { LiveTable } from "../../lib/terminal/mod.ts";
import { recorder, screen } from "./_recorder.ts";

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
