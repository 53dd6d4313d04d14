import { assertEquals } from "@std/assert";
import { withFoldedCode } from "../../lib/reports/_folded.ts";
import type { Cell } from "../../lib/reports/notebook.ts";

/** A cell as nbconvert's template "basic" writes it. */
const markup = (id: string, code: string) =>
  `<div class="cell border-box-sizing code_cell rendered" id="cell-id=${id}">\n` +
  `<div class="input">\n<div class="inner_cell">\n<div class="input_area">\n` +
  `<div class="highlight hl-typescript"><pre>${code}\n</pre></div>\n</div>\n</div>\n</div>\n` +
  '<div class="output_wrapper">shown</div>\n</div>\n';

const cell = (id: string, source_hidden: boolean): Cell => ({
  cell_type: "code",
  id,
  source: "",
  metadata: source_hidden ? { jupyter: { source_hidden } } : {},
});

Deno.test("code that a notebook hides is folded, and no other", () => {
  const body = markup("one", "a") + markup("t.wo", "$&") + markup("three", "c");
  const folded = withFoldedCode(body, [
    cell("one", false),
    cell("t.wo", true),
    cell("three", false),
  ]);
  const expected = markup("t.wo", "$&")
    .replace('<div class="input">', '<details class="input"><summary>Code</summary>')
    .replace("</pre></div>\n</div>\n</div>\n</div>", "</pre></div>\n</div>\n</div>\n</details>");
  assertEquals(folded, markup("one", "a") + expected + markup("three", "c"));
});

Deno.test("a page without code has nothing to fold", () => {
  assertEquals(withFoldedCode("<p>text</p>", [cell("one", true)]), "<p>text</p>");
});
