// deno-lint-ignore-file no-control-regex -- escape sequences are what is read
import { assertEquals } from "@std/assert";
import { TerminalLines } from "../../lib/notebook/_terminal_lines.ts";

/** What a terminal of these columns shows at last. */
function screen(written: string): string[] {
  const lines = [""];
  let row = 0;
  for (const part of written.split(/(\x1b\[\d*[AJ]|[\r\n])/)) {
    const up = /^\x1b\[(\d+)A$/.exec(part)?.[1];
    if (up !== undefined) row -= Number(up);
    else if (part === "\x1b[J") lines.splice(row, Infinity, "");
    else if (part === "\n") lines[++row] ??= "";
    else if (part !== "\r") lines[row] += part;
  }
  return lines;
}

Deno.test("lines of a terminal change in place; those below the first make way at their end", () => {
  let written = "";
  const output = { isTerminal: true, columns: 10, write: (text: string) => void (written += text) };
  const lines = new TerminalLines(output);
  lines.update("outer", "outer 0");
  lines.update("inner", "inner 0");
  lines.update("inner", "inner 1, long");
  lines.update("outer", "outer 1");
  assertEquals(screen(written), ["outer 1", "inner 1, "]);
  lines.finish("inner");
  assertEquals(screen(written), ["outer 1"]);
  lines.finish("outer");
  lines.update("next", "next");
  assertEquals(screen(written), ["outer 1", "next"]);
});
