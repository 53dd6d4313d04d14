import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath as fromFileUrl } from "node:url";
import { escapeScript } from "../../lib/plots/escape.ts";
import {
  chartFigure,
  htmlReport,
  resultsTable,
  tableMarkup,
  trainingCurves,
} from "../../lib/plots/mod.ts";
import { diverge, syntheticRows } from "./_synthetic_rows.ts";

const rows = syntheticRows({ noises: [0, 0.4], epochs: 4 });
const page = await htmlReport({
  title: "A & B </title><script>alert(1)</script>",
  lead: "First.\n\nSecond <b>part</b>.",
  sections: [
    { heading: "Figures", text: "Made up.", table: resultsTable(rows) },
    { heading: "Curves", chart: trainingCurves(rows, { title: "</script><!-- <script>" }) },
  ],
  footer: "Seeds 0 to 2.",
});

/** The page without its scripts and the bytes of its pictures. */
const markup = page.replace(/<script[^>]*>[\s\S]*?<\/script>/g, "")
  .replace(/(;base64,)[\w+/=]*/g, "$1");

Deno.test("the page loads nothing", () => {
  assert(page.length < 3e6);
  for (const [, url] of markup.matchAll(/(?:src|href|action|data)="([^"]*)"/g)) {
    assert(url!.startsWith("data:"), `The page loads ${url}`);
  }
  assert(!/@import|url\(/.test(markup.split("</style>")[0]!));
  assert(!/<link|<iframe|<object|<embed/.test(markup));
  assert(!/sourceMappingURL/.test(page));
  assertStringIncludes(markup, "default-src 'none'");
});

Deno.test("no text ends a script or begins an element", () => {
  assertEquals(page.match(/<script/g)?.length, page.match(/<\/script/g)?.length);
  assertEquals(page.match(/<script/g)?.length, 5);
  assertStringIncludes(markup, "<title>A &amp; B &lt;/title&gt;&lt;script&gt;alert(1)");
  assertStringIncludes(markup, '<p class="lead">Second &lt;b&gt;part&lt;/b&gt;.</p>');
  const data = /<script type="application\/json" id="charts">([^<]*)<\/script>/.exec(page);
  assertEquals(JSON.parse(data![1]!).charts[0].title.text, "</script><!-- <script>");
});

Deno.test("the end of a script is escaped however it is written", () => {
  assertEquals(
    escapeScript('"</script>", "</SCRIPT>", "</Script>"'),
    '"<\\/script>", "<\\/SCRIPT>", "<\\/Script>"',
  );
});

Deno.test("a picture's alternative text ends no attribute", () => {
  const figure = chartFigure('<svg width="4" height="3"></svg>', 0, `a "b" <c> & 'd'`);
  assertStringIncludes(
    figure,
    'alt="a &quot;b&quot; &lt;c&gt; &amp; &#39;d&#39;" width="4" height="3"',
  );
});

Deno.test("escaped sources are still the same programs", () => {
  const source = 'globalThis.page = ["</script>", "<!--", /<\\/SCRIPT>/i.test("</script>")];';
  const escaped = escapeScript(source);
  assert(!/<\/script|<!--/i.test(escaped));
  const run = (code: string) => new Function(`${code} return globalThis.page;`)();
  assertEquals(run(escaped), run(source));
});

Deno.test("the browser builds still parse after escaping", () => {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
  assertEquals(scripts.length, 4);
  for (const code of scripts) new Function(code);
});

Deno.test("every chart has a picture with an alternative text", () => {
  const [image, ...others] = markup.match(/<img [^>]*>/g)!;
  assertEquals(others, []);
  assertStringIncludes(image!, 'alt="&lt;/script&gt;');
  assertStringIncludes(image!, "test error");
  const svg = /src="data:image\/svg\+xml;base64,([^"]*)"/.exec(page)![1]!;
  const text = new TextDecoder().decode(Uint8Array.fromBase64(svg));
  assertStringIncludes(text, "Loss (cross-entropy)");
  assert(/width="\d+" height="\d+"/.test(image!));
});

Deno.test("tables have a caption, headings for columns and rows, and numbers to the right", () => {
  assertStringIncludes(markup, "<caption>Test error in per cent");
  assertStringIncludes(markup, '<th scope="col">Method</th>');
  assertStringIncludes(
    markup,
    '<th scope="row">made-up</th><td>WRN-10-1</td><td>40\u00a0% label noise',
  );
  assert(/<td class="number">\d+\.\d\d\u00a0±\u00a0\d+\.\d\d<\/td>/.test(markup));
  assert(!markup.includes("Diverged"));
});

Deno.test("the table counts diverged runs and has no mean where all are lost", () => {
  const table = resultsTable(diverge(rows, { method: "SAM", labelNoise: 0.4 }, 2));
  assertEquals(table.columns.at(-1), "Diverged");
  assertEquals(table.rows.at(-1), [
    "made-up",
    "WRN-10-1",
    "40 % label noise",
    "SAM",
    3,
    "–",
    "–",
    3,
  ]);
});

Deno.test("the table has the last and the best epoch's error, and how many seeds there are", () => {
  const made = (seed: number, errors: readonly number[]) =>
    errors.map((testError, i) => ({
      ...rows[0]!,
      ...{ method: "SGD", rho: 0, labelNoise: 0, seed, epoch: i + 1 },
      ...{ trainError: 0.9, testError },
    }));
  const table = resultsTable([...made(0, [0.1, 0.2]), ...made(1, [0.1, 0.2])]);
  assertEquals(table.rows, [
    ["made-up", "WRN-10-1", "clean labels", "SGD", 2, "20.00 ± 0.00", "10.00 ± 0.00"],
  ]);
});

Deno.test("a page without charts carries no scripts", async () => {
  const plain = await htmlReport({ title: "Words", sections: [{ heading: "One", text: "Two." }] });
  assert(!plain.includes("<script"));
  assert(plain.length < 5000);
});

Deno.test("a ragged table is refused", async () => {
  const table = { caption: "Ragged", columns: ["a", "b"], rows: [["1", 2], ["3"]] };
  await assertRejects(
    () => htmlReport({ title: "t", sections: [{ heading: "h", table }] }),
    RangeError,
    "a row of 1 cells in 2 columns",
  );
});

Deno.test("specs, pictures and pages need no permission, from any folder, offline", async () => {
  const script = `
    import { htmlReport, toPng, trainingCurves } from "${
    import.meta.resolve("../../lib/plots/mod.ts")
  }";
    import { syntheticRows } from "${import.meta.resolve("./_synthetic_rows.ts")}";
    const chart = trainingCurves(syntheticRows({ epochs: 2 }));
    const page = await htmlReport({ title: "t", sections: [{ heading: "h", chart }] });
    console.log(page.length > 800_000, (await toPng(chart)).length > 10_000);`;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/script.ts`, script);
    const config = fromFileUrl(import.meta.resolve("../../deno.json"));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--cached-only", "--frozen", "--config", config, "script.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stderr), "");
    assertEquals(decoder.decode(stdout), "true true\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tables: intervals, small p-values and dashes are numbers; of numbers no line is broken", () => {
  const table = tableMarkup({
    caption: "Differences",
    columns: ["Pairs", "Interval", "p", "Setting", "Nothing"],
    rows: [[5, "[−0.2, 0.9]", "< 0.001", "SAM (ρ = 0.2), 40 % wrong", "–"], [
      10,
      "–",
      "0.040",
      "SGD",
      "–",
    ]],
  });
  const heads = [...table.matchAll(/<th scope="col"( class="number")?>([^<]*)/g)];
  assertEquals(
    heads.filter(([, numeric]) => numeric).map(([, , column]) => column),
    ["Pairs", "Interval", "p"],
  );
  assertStringIncludes(table, '<th scope="row" class="number">5</th>');
  assertStringIncludes(table, "<td>SAM (ρ\u00a0=\u00a00.2), 40\u00a0% wrong</td>");
});
