import { join } from "node:path";
import type { TopLevelSpec } from "vega-lite";
import { chartFigure, escapeMarkup, htmlPage, toSvg } from "../plots/mod.ts";
import { reportAssets } from "./_assets.ts";
import { withFoldedCode } from "./_folded.ts";
import {
  type CellOutput,
  joined,
  type Lines,
  type Notebook,
  titleOf,
  writeNotebook,
} from "./notebook.ts";

const BITMAPS = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const VEGA_LITE = "application/vnd.vegalite.v5+json";

/** What exporting a notebook takes. */
export interface HtmlOptions {
  /** The folder of nbconvert. */
  readonly programs: string;
  /** Title of a notebook without a heading. */
  readonly title: string;
  /** Whether the cells' code is shown; default true. */
  readonly code?: boolean;
}

/**
 * A notebook as one self-contained page: no network, charts that answer to the pointer, formulas
 * as MathML, light and dark, printable. Markdown, highlighting and terminal colours are nbconvert's.
 * Code that JupyterLab hides, by the cell's `jupyter.source_hidden`, is folded here too.
 *
 * @throws Error if nbconvert fails, with what it says
 */
export async function notebookHtml(
  notebook: Notebook,
  { programs, title, code = true }: HtmlOptions,
): Promise<string> {
  const charts: TopLevelSpec[] = [];
  const cells = [];
  for (const cell of notebook.cells) {
    const outputs = [];
    for (const output of cell.outputs ?? []) outputs.push(await pictured(output, charts));
    cells.push({ ...cell, ...cell.outputs && { outputs } });
  }
  const body = withFoldedCode(await convert({ ...notebook, cells }, programs, code), cells);
  return htmlPage({
    title: titleOf(notebook, title),
    body,
    charts,
    style: reportAssets.style,
    scripts: /\$/.test(body) ? reportAssets.mathematics : [],
  });
}

/** An output whose charts and pictures are markup with an alternative text. */
async function pictured(output: CellOutput, charts: TopLevelSpec[]): Promise<CellOutput> {
  const { data } = output;
  if (!data) return output;
  const text = (type: string) => joined((data[type] ?? "") as Lines);
  const alternative = text("text/plain");
  const markup = async () => {
    if (VEGA_LITE in data) {
      const spec = data[VEGA_LITE] as TopLevelSpec;
      const index = charts.push(spec) - 1;
      return chartFigure(text("image/svg+xml") || await toSvg(spec), index, spec.description);
    }
    if ("text/html" in data || "text/markdown" in data) return undefined;
    if ("image/svg+xml" in data) {
      return chartlessFigure("image/svg+xml", encode(text("image/svg+xml")));
    }
    const bitmap = BITMAPS.find((type) => type in data);
    if (bitmap) return chartlessFigure(bitmap, text(bitmap));
  };
  const chartlessFigure = (type: string, base64: string) =>
    `<figure><img alt="${escapeMarkup(alternative)}" src="data:${type};base64,${
      escapeMarkup(base64.replaceAll(/\s/g, ""))
    }"></figure>`;
  const html = await markup();
  // A notebook's control has no kernel here: its other representations are shown.
  const { "application/vnd.jupyter.widget-view+json": _, ...rest } = data;
  return { ...output, data: html === undefined ? rest : { "text/html": html } };
}

function encode(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The cells as markup, without a page around them. */
async function convert(notebook: Notebook, programs: string, code: boolean): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "notebook.ipynb");
    await writeNotebook(path, notebook);
    const { success, stdout, stderr } = await new Deno.Command(
      join(programs, "jupyter-nbconvert"),
      {
        args: [
          path,
          "--stdout",
          "--to=html",
          "--template=basic",
          "--log-level=ERROR",
          "--HTMLExporter.exclude_anchor_links=True",
          "--no-prompt",
          ...code ? [] : ["--no-input"],
        ],
        stdin: "null",
      },
    ).output();
    if (success) return new TextDecoder().decode(stdout);
    const said = new TextDecoder().decode(stderr).trim();
    throw new Error(`Cannot export the notebook; nbconvert says:\n${said}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
