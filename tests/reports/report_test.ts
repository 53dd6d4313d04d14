/**
 * Reports by real papermill and nbconvert, read in a real Chromium where there is one. Needs
 * `.venv/lab`: `deno task lab --setup-only` makes it; with `CI=true` these tests do.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Page } from "playwright-core";
import { reportCommand } from "../../lib/commands/report.ts";
import { findChromium, type Notebook, readNotebook } from "../../lib/reports/mod.ts";
import { missingBrowser, missingLab, testLab } from "../_lab.ts";
import { testUnless } from "../_skip.ts";
import { recorder } from "../terminal/_recorder.ts";

const slider = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  description: "Points up to a limit",
  params: [{ name: "limit", value: 9, bind: { input: "range", min: 0, max: 9, step: 1 } }],
  data: { values: Array.from({ length: 10 }, (_, i) => ({ i, y: i * i })) },
  transform: [{ filter: "datum.i <= limit" }],
  mark: "point",
  encoding: { x: { field: "i", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
};

const MIMICRY = '<div class="chart" id="mimicry"><div class="live">own</div></div>' +
  '<script type="application/json" id="charts">{}</script>';

function code(source: string, ...tags: string[]) {
  return {
    cell_type: "code" as const,
    id: crypto.randomUUID().slice(0, 8),
    metadata: { tags },
    execution_count: null,
    outputs: [],
    source,
  };
}

function notebookOf(...cells: Notebook["cells"]): Notebook {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

const text = {
  cell_type: "markdown" as const,
  id: "text",
  metadata: {},
  source: "# A *small* report\n\nWith $\\rho \\ge 0$ and <b>markup</b>.",
};

const works = notebookOf(
  text,
  code("let rho = 0.05;\nlet seeds = [0];", "parameters"),
  code("console.log(`rho ${rho}, seeds ${seeds}`)"),
  code('import { chart } from "sam/notebook";\n' + `chart(${JSON.stringify(slider)})`),
);

/** Writes a notebook into a folder inside the project, where "sam" is known, and reports on it. */
async function reportOn(notebook: Notebook, ...args: string[]) {
  await testLab();
  const folder = await Deno.makeTempDir({ dir: join(import.meta.dirname!, "..") });
  const path = join(folder, "small.ipynb");
  await Deno.writeTextFile(path, JSON.stringify(notebook));
  const output = join(folder, "out");
  const said = recorder(false);
  const exit = await reportCommand([path, "--output", output, ...args], said);
  return {
    exit,
    said: said.written.join(""),
    output,
    read: (name: string) => Deno.readTextFile(join(output, name)),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

testUnless(
  missingLab,
  "a report has the parameters' outputs and is one page that loads nothing",
  async () => {
    await using report = await reportOn(works, "-p", "rho=0.2", "-p", "seeds=[1,2]");
    assertEquals(report.exit, 0, report.said);
    const html = await report.read("small.html");
    assertStringIncludes(html, "rho 0.2, seeds 1,2");
    assertStringIncludes(html, "<title>A *small* report</title>");
    assertStringIncludes(html, "<h1>A <em>small</em> report</h1>");
    assertStringIncludes(html, 'alt="Points up to a limit"');
    assert(html.length < 3_000_000, `${html.length} characters`);
    const markup = html.replaceAll(/<script>[^]*?<\/script>/g, "");
    assertEquals(markup.match(/<(script|link|img|iframe)[^>]+(src|href)="(?!data:)[^"]*"/g), null);
    const executed = await readNotebook(join(report.output, "small.ipynb"));
    assertEquals(executed.cells.map(({ metadata }) => metadata.tags?.[0]), [
      undefined,
      "parameters",
      "injected-parameters",
      undefined,
      undefined,
    ]);
  },
);

testUnless(missingLab, "a cell that throws fails the report; what ran before stays", async () => {
  const fails = notebookOf(
    text,
    code('console.log("before")'),
    code("const epoch = 3;\nthrow new RangeError(`no epoch ${epoch}`)"),
    code('console.log("after")'),
  );
  await using report = await reportOn(fails);
  assertEquals(report.exit, 1);
  assertStringIncludes(report.said, "Cell 3 of ");
  assertStringIncludes(report.said, "threw RangeError: no epoch 3");
  assertStringIncludes(report.said, "| throw new RangeError");
  const html = await report.read("small.html");
  assertStringIncludes(html, "before");
  assertStringIncludes(html, "no epoch 3");
  assertEquals(html.includes("<pre>after"), false);
});

testUnless(missingLab, "only the formats that were asked for are left", async () => {
  await using report = await reportOn(works, "--format", "html", "--no-execute", "--no-code");
  assertEquals(await Array.fromAsync(Deno.readDir(report.output), ({ name }) => name), [
    "small.html",
  ]);
  assertEquals((await report.read("small.html")).includes('input_area"'), false);
});

testUnless(
  missingBrowser,
  "in the browser a slider changes the drawing, formulas are MathML, nothing is requested",
  async () => {
    await using report = await reportOn(works);
    const browser = await chromium.launch({
      executablePath: findChromium()!,
      args: ["--no-sandbox"],
    });
    try {
      const page = await browser.newPage();
      const requests: string[] = [];
      const errors: string[] = [];
      page.on("request", (request) => void requests.push(request.url().slice(0, 60)));
      page.on("pageerror", (error) => void errors.push(error.message));
      await page.goto(pathToFileURL(join(report.output, "small.html")).href);
      await page.locator(".chart[data-live] .live svg.marks").waitFor();
      assertEquals(await countPoints(page), 10);
      await page.locator(".live input[type=range]").fill("4");
      await page.locator(".live .mark-symbol path").nth(5).waitFor({ state: "detached" });
      assertEquals(await countPoints(page), 5);
      assertEquals(await page.locator("math").count(), 1);
      assertEquals(requests.filter((url) => !/^(file|data|blob):/.test(url)), []);
      assertEquals(errors, []);
    } finally {
      await browser.close();
    }
  },
);

function countPoints(page: Page): Promise<number> {
  return page.locator(".live .mark-symbol path").count();
}

/** Outputs that look like the page's own charts, or try to end an attribute. */
const hostile = notebookOf(
  text,
  {
    ...code("show()"),
    execution_count: 1,
    outputs: [
      { output_type: "display_data" as const, metadata: {}, data: { "text/html": MIMICRY } },
      {
        output_type: "display_data" as const,
        metadata: {},
        data: {
          "application/vnd.vegalite.v5+json": slider,
          "image/svg+xml": '<svg width="90" height="60"></svg>',
        },
      },
      ...["image/png", "image/jpeg", "image/gif"].map((type) => ({
        output_type: "display_data" as const,
        metadata: {},
        data: {
          [type]: 'x" onerror="globalThis.ran = true',
          "text/plain": 'a" onload="ran = true',
        },
      })),
    ],
  },
);

testUnless(
  missingLab,
  "markup of a cell is not taken for a chart, pictures that are none run nothing",
  async () => {
    await using report = await reportOn(hostile, "--no-execute");
    assertEquals(report.exit, 0, report.said);
    const html = await report.read("small.html");
    assertEquals(html.match(/data-chart="0"/g)?.length, 1);
    const images = html.replaceAll(/<script>[^]*?<\/script>/g, "").match(
      /<img (?:"[^"]*"|[^">])*>/g,
    )!.map((image) => image.replaceAll(/"[^"]*"/g, '""'));
    assertEquals(images.length, 4);
    assertEquals(images.filter((image) => /on(error|load)/.test(image)), []);
    if (missingBrowser !== undefined) return;
    const browser = await chromium.launch({
      executablePath: findChromium()!,
      args: ["--no-sandbox"],
    });
    try {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(join(report.output, "small.html")).href);
      await page.locator("figure[data-live] .live svg.marks").waitFor();
      assertEquals(await page.locator("#mimicry").innerText(), "own");
      assertEquals(await page.evaluate("globalThis.ran"), undefined);
    } finally {
      await browser.close();
    }
  },
);

testUnless(missingBrowser, "the PDF has pages with numbers, and charts as vectors", async () => {
  await using report = await reportOn(works, "--format", "pdf");
  assertEquals(report.exit, 0, report.said);
  const pdf = await Deno.readFile(join(report.output, "small.pdf"));
  const latin = new TextDecoder("latin1").decode(pdf);
  assertMatch(latin, /^%PDF-1\.\d/);
  assertMatch(latin, /\/Type \/Pages/);
  assertEquals(/\/Subtype \/Image[^]*\/Width \d{3,}/.test(latin), false);
});
