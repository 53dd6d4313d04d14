import { assertEquals } from "@std/assert";
import { Notebook, toCell, toText } from "../../../lib/kernel/language/_notebook.ts";

/** A notebook of cells that were evaluated. */
function notebookOf(...cells: string[]): Notebook {
  const notebook = new Notebook();
  for (const cell of cells) notebook.remember(cell);
  return notebook;
}

Deno.test("notebook: cells are blocks in each other, imports are in front, the latest of a name", () => {
  const notebook = notebookOf('import { a } from "old"; let x = 1', 'import { a, b } from "b";');
  const { text } = notebook.show('export const y = x;\nimport c from "c";');
  assertEquals(text.split("\n").map((line) => line.trim()), [
    'import { a, b } from "b";',
    'import c from "c";',
    "export {};",
    "{",
    "let x = 1",
    ";",
    "{",
    "",
    ";",
    "{",
    "const y = x;",
    "",
    "}}}",
    "",
  ]);
});

Deno.test("notebook: places go to and fro, also those of imports, not those of other cells", () => {
  const code = 'let ρ = 1;\nimport c from "c";\nρ;';
  const shown = notebookOf("let ρ = 'other'").show(code);
  for (let offset = 0; offset <= code.length; offset++) {
    const at = toText(shown, offset);
    assertEquals(toCell(shown, at), offset);
    if (offset < code.length) assertEquals(shown.text[at], code[offset]);
  }
  assertEquals(toCell(shown, shown.text.indexOf("'other'")), undefined);
});

Deno.test("notebook: only so many of the earlier cells, and the latest within a bound", () => {
  const first = notebookOf("let a", "let b").show("", 1).text;
  assertEquals([first.includes("let a"), first.includes("let b")], [true, false]);
  const long = notebookOf("let a", `"${"x".repeat(199_990)}"`, "let b").show("").text;
  assertEquals([long.includes("let a"), long.includes("let b")], [false, true]);
});

Deno.test("notebook: what looks like a block and is an object stays one, in its place", () => {
  const code = "{ a: 1, b: [c] }";
  const shown = notebookOf("let c").show(code);
  assertEquals(shown.text.includes("({ a: 1, b: [c] })"), true);
  for (let offset = 0; offset <= code.length; offset++) {
    assertEquals(toCell(shown, toText(shown, offset)), offset);
  }
  assertEquals(shown.text[toText(shown, code.indexOf("b"))], "b");
});

Deno.test("notebook: JSX may be anything, also behind casts; what is behind it stays in its place", () => {
  const code = "const e = <a>\n{f(<b/>)}</a>; e.x";
  const shown = notebookOf("let g = <number>h", "const k = <></>").show(code);
  const lines = shown.text.split("\n");
  assertEquals(lines[0], "declare const \u1438: any;");
  assertEquals(lines.filter((line) => /<\/|<b/.test(line)), []);
  assertEquals(lines.some((line) => line.startsWith("const e = \u1438  ")), true);
  assertEquals(shown.text[toText(shown, code.indexOf("e.x"))], "e");
  assertEquals(notebookOf("let g = <number>h").show("").text.includes("\u1438"), false);
});
