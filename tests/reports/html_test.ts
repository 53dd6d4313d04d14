/** Pages by an nbconvert that gives back the notebook that it got, so that no Jupyter is needed. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { type CellOutput, type Notebook, notebookHtml } from "../../lib/reports/mod.ts";

const chart = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  description: 'Points "<up>"',
  data: { values: [{ x: 1 }] },
  mark: "point",
  encoding: { x: { field: "x", type: "quantitative" } },
};

const notebookOf = (...outputs: CellOutput["data"][]): Notebook => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [{
    cell_type: "code",
    metadata: {},
    source: "",
    outputs: outputs.map((data) => ({ output_type: "display_data" as const, data: data! })),
  }],
});

/** The page of a notebook, what nbconvert got, and how it was called. */
async function convert(notebook: Notebook, code?: boolean, exit = 0) {
  const programs = await Deno.makeTempDir();
  try {
    const program = join(programs, "jupyter-nbconvert");
    const script =
      `#!/bin/sh\necho "$@" > ${programs}/args\ncat "$1"\necho trouble >&2\nexit ${exit}\n`;
    await Deno.writeTextFile(program, script, { mode: 0o755 });
    const options = { programs, title: "No <heading>", ...code !== undefined && { code } };
    const page = await notebookHtml(notebook, options);
    const [, body] = /<main>\n([^]*?)\n+<\/main>/.exec(page)!;
    const outputs = (JSON.parse(body!) as Notebook).cells[0]!.outputs!;
    const args = await Deno.readTextFile(join(programs, "args"));
    return { page, args, bundles: outputs.map(({ data }) => data as Record<string, string>) };
  } finally {
    await Deno.remove(programs, { recursive: true });
  }
}

Deno.test("html: pictures are figures whose alternative text ends no attribute", async () => {
  const { bundles } = await convert(notebookOf(
    { "image/png": "AA\nAA\n", "text/plain": ['"><script>'] },
    { "image/svg+xml": ["<svg>", "</svg>"], "text/plain": "words" },
    { "image/jpeg": '"><b>', "text/plain": "words" },
  ));
  const alt = "&quot;&gt;&lt;script&gt;";
  assertEquals(bundles, [
    { "text/html": `<figure><img alt="${alt}" src="data:image/png;base64,AAAA"></figure>` },
    {
      "text/html": '<figure><img alt="words" src="data:image/svg+xml;base64,' +
        `${btoa("<svg></svg>")}"></figure>`,
    },
    {
      "text/html": '<figure><img alt="words" src="data:image/jpeg;base64,' +
        '&quot;&gt;&lt;b&gt;"></figure>',
    },
  ]);
});

Deno.test("html: charts are live, with the picture that they were saved with", async () => {
  const svg = '<svg class="marks" width="77" height="55"></svg>';
  const { page, bundles } = await convert(notebookOf(
    { "application/vnd.vegalite.v5+json": chart, "image/svg+xml": svg, "text/plain": "words" },
    { "application/vnd.vegalite.v5+json": { ...chart, description: "second" } },
  ));
  assertStringIncludes(bundles[0]!["text/html"]!, 'alt="Points &quot;&lt;up&gt;&quot;" width="77"');
  assertStringIncludes(bundles[1]!["text/html"]!, 'class="still" alt="second"');
  for (const [index, bundle] of bundles.entries()) {
    assertStringIncludes(bundle["text/html"]!, `<figure class="chart" data-chart="${index}">`);
  }
  const [, charts] = /id="charts">([^<]*)</.exec(page)!;
  assertEquals(
    JSON.parse(charts!).charts.map(({ description }: typeof chart) => description),
    ['Points "<up>"', "second"],
  );
});

Deno.test("html: what is text or markup stays, controls do not", async () => {
  const markup = { "text/html": "<b>1</b>", "image/png": "AAAA", "text/plain": "1" };
  const control = { "application/vnd.jupyter.widget-view+json": { model_id: "1" } };
  const { page, bundles } = await convert(notebookOf({ ...markup, ...control }));
  assertEquals(bundles, [markup]);
  assertStringIncludes(page, "<title>No &lt;heading&gt;</title>");
  assert(!page.includes("<script"), "a page without charts and formulas has scripts");
});

Deno.test("html: code is shown unless it is left out", async () => {
  assert(!(await convert(notebookOf())).args.includes("--no-input"));
  assert((await convert(notebookOf(), false)).args.includes("--no-input"));
});

Deno.test("html: formulas bring what draws them", async () => {
  const formula = notebookOf({ "text/markdown": "$\\rho$" });
  assert((await convert(formula)).page.includes("katex"));
});

Deno.test("html: what nbconvert complains of is told", async () => {
  await assertRejects(() => convert(notebookOf(), true, 3), Error, "nbconvert says:\ntrouble");
});

Deno.test("html: what is wider than a page scrolls by itself, folded code is open on paper", async () => {
  const { page } = await convert(notebookOf());
  assert(/\.output_area \{[^}]*overflow-x: auto/.test(page));
  assert(
    /@media print \{[^@]*details::details-content \{\s*content-visibility: visible/.test(page),
  );
});
