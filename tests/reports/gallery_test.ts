import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type CellOutput, gallery, type Notebook } from "../../lib/reports/mod.ts";

const SVG = "<svg><text>ρ</text></svg>";

/** A notebook with a heading, a paragraph and a picture. */
function notebook(title: string, paragraph: string, description: string): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      { cell_type: "markdown", metadata: {}, source: [`# ${title}\n`, "\n", `${paragraph}\n`] },
      {
        cell_type: "code",
        metadata: {},
        source: "",
        outputs: [
          { output_type: "stream", text: "no picture" },
          {
            output_type: "execute_result",
            data: { "text/html": "<table>", "text/markdown": "| a table |" },
          },
          {
            output_type: "execute_result",
            data: { "text/markdown": ["**Lower by <2> points.**\n", "more"] },
          },
          {
            output_type: "display_data",
            data: { "image/svg+xml": [SVG], "text/plain": [description] },
          },
        ],
      },
    ],
  };
}

const page = gallery([
  {
    notebook: notebook(
      'A <b> & "c"',
      "First *words* with `code`,\n[a link](x.html) & <i>.",
      '"<pic>"',
    ),
    name: "a b",
    formats: ["html", "pdf", "ipynb"],
  },
  { notebook: { ...notebook("", "", ""), cells: [] }, name: "no_heading", formats: ["ipynb"] },
  {
    notebook: withoutResult(
      notebook("Formulas", "It trains. It looks for 0.5 of `w`:", "a figure"),
    ),
    name: "formulas",
    formats: ["html"],
  },
]);

/** The notebook without the sentence that a cell made. */
function withoutResult({ cells, ...rest }: Notebook): Notebook {
  const isResult = ({ data }: CellOutput) =>
    data !== undefined && "text/markdown" in data && !("text/html" in data);
  return {
    ...rest,
    cells: cells.map(({ outputs = [], ...cell }) => ({
      ...cell,
      outputs: outputs.filter((output) => !isResult(output)),
    })),
  };
}

Deno.test("gallery: a picture without a sentence about it is left out, so is a sentence without its end", () => {
  assertStringIncludes(page, "<p>It trains.</p>");
  assert(!page.includes("a figure"));
});

Deno.test("gallery: titles, paragraphs and alternative texts are no markup", () => {
  assertStringIncludes(page, '<a href="a%20b.html">A &lt;b&gt; &amp; &quot;c&quot;</a></h2>');
  assertStringIncludes(page, "<p>First words with code, a link &amp; &lt;i&gt;.</p>");
  assertStringIncludes(page, 'alt="&quot;&lt;pic&gt;&quot;"');
  assert(!/<b>|<i>|<pic>/.test(page));
});

Deno.test("gallery: the first format is the title's link, the others are named", () => {
  assertStringIncludes(
    page,
    '<p><a href="a%20b.pdf">PDF</a> · <a href="a%20b.ipynb">notebook</a></p></li>',
  );
  assertStringIncludes(page, '<li><h2><a href="no_heading.ipynb">no_heading</a></h2>\n<p></p>\n');
});

Deno.test("gallery: the first sentence that a cell made is shown, without marks, tables are not", () => {
  assertStringIncludes(page, '<p class="result">Lower by &lt;2&gt; points.</p>');
  assertEquals(page.match(/class="result"/g)?.length, 1);
  assert(!page.includes("a table"));
});

Deno.test("gallery: the first picture is inside the page", () => {
  const [, base64] = /src="data:image\/svg\+xml;base64,([^"]*)"/.exec(page) ?? [];
  assertEquals(new TextDecoder().decode(Uint8Array.fromBase64(base64!)), SVG);
  assertEquals(page.match(/<img/g)?.length, 1);
});
