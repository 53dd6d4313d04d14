/**
 * The project's notebooks: as they are committed, and run in miniature by real papermill on the real
 * kernel. The runs need `.venv/lab`: `deno task lab --setup-only` makes it; with `CI=true` the tests
 * do.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { reportCommand } from "../../lib/commands/report.ts";
import { type CellOutput, joined, type Notebook, readNotebook } from "../../lib/reports/mod.ts";
import { missingLab, testLab } from "../_lab.ts";
import { testUnless } from "../_skip.ts";
import { recorder } from "../terminal/_recorder.ts";

const folder = join(import.meta.dirname!, "..", "..", "notebooks");
const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
  .filter((name) => name.endsWith(".ipynb")).map((name) => name.slice(0, -".ipynb".length));

/** Charts that each notebook shows at least. */
const charts: Readonly<Record<string, number>> = {
  quickstart: 2,
  error_reduction: 4,
  noise_robustness: 4,
  ablations: 5,
};

const CHART = "application/vnd.vegalite.v5+json";

function outputsOf({ cells }: Notebook): CellOutput[] {
  return cells.flatMap(({ outputs = [] }) => outputs);
}

/** What every notebook shows, reduced or not. */
function checkOutputs(name: string, notebook: Notebook): void {
  const outputs = outputsOf(notebook);
  assertEquals(outputs.filter(({ output_type }) => output_type === "error"), []);
  const bundles = outputs.flatMap(({ data }) => data ? [data] : []);
  const drawn = bundles.filter((bundle) => CHART in bundle);
  assert(drawn.length >= (charts[name] ?? 0), `${drawn.length} charts in ${name}`);
  for (const bundle of drawn) {
    assert(["image/svg+xml", "image/png", "text/plain"].every((type) => type in bundle));
    assert(joined(bundle["text/plain"] as string).length > 20, "a chart without a description");
  }
  const texts = bundles.map((bundle) => joined(bundle["text/plain"] as string));
  assert(texts.some((text) => text.endsWith("This notebook")), "no head");
  assert(texts.at(-1)!.endsWith("Versions"), "no foot");
}

for (const name of names) {
  Deno.test(`${name}.ipynb is committed with the outputs of a whole run, and says what it found`, async () => {
    const notebook = await readNotebook(join(folder, `${name}.ipynb`));
    const code = notebook.cells.filter(({ cell_type }) => cell_type === "code");
    assertEquals(code.map(({ execution_count }) => execution_count), code.map((_, i) => i + 1));
    const isEmpty = (text: string) => text.trim() === "" || /^TEXT$/m.test(text);
    assertEquals(notebook.cells.filter(({ source }) => isEmpty(joined(source))), []);
    checkOutputs(name, notebook);
    const text = JSON.stringify(notebook);
    assertEquals(/\/(work|root|home)\//.exec(text), null, "a path of the machine it was run on");
  });
}

for (const name of ["error_reduction", "noise_robustness", "ablations"]) {
  Deno.test(`${name}.ipynb: no result is typed; the first screen has a claim and its figure`, async () => {
    const { cells } = await readNotebook(join(folder, `${name}.ipynb`));
    const typed = cells.filter(({ cell_type }) => cell_type === "markdown")
      .map(({ source }) => joined(source).replaceAll(/section \d\.\d/g, ""))
      .filter((text) => /\d\.\d|\d ?%|\d points?\b/.test(text));
    assertEquals(typed, []);
    const code = cells.filter(({ cell_type }) => cell_type === "code")
      .map(({ source }) => joined(source));
    const claim = code.findIndex((text) => /^prose\((`\$\{)?headline/m.test(text));
    const figure = code.findIndex((text) => /^chart\(/m.test(text));
    // Imports, parameters, runs with the claim, figure.
    assertEquals([claim, figure], [2, 3]);
    const hidden = cells.filter(({ cell_type }) => cell_type === "code")
      .map(({ metadata: { jupyter } }) => Object(jupyter).source_hidden === true);
    // What is said and drawn fits a screen where code is folded; parameters are there to be changed.
    assertEquals(hidden.slice(0, 5), [true, false, true, true, false]);
  });
}

testUnless(missingLab, "the notebooks run to their end in miniature", async (t) => {
  await testLab();
  for (const name of names) {
    await t.step(name, async () => {
      const output = await Deno.makeTempDir();
      try {
        const said = recorder(false);
        const args = [join(folder, `${name}.ipynb`), "--output", output, "-p", "smoke=true"];
        const runs = ["-p", `outputDir=${join(output, "runs")}`];
        const exit = await reportCommand(name === "data_gallery" ? args : [...args, ...runs], said);
        assertEquals(exit, 0, said.written.join(""));
        checkOutputs(name, await readNotebook(join(output, `${name}.ipynb`)));
        const page = await Deno.stat(join(output, `${name}.html`));
        assert(page.size < 3_000_000, `the page has ${page.size} bytes`);
      } finally {
        await Deno.remove(output, { recursive: true });
      }
    });
  }
});
