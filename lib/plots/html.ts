import type { TopLevelSpec } from "vega-lite";
import { escapeJson, escapeMarkup, escapeScript } from "./_escape.ts";
import { pageAssets } from "./_page_assets.ts";
import { toSvg } from "./render.ts";
import { darkColors } from "./theme.ts";

/** A page of text, tables and charts. Texts are plain; a blank line begins a new paragraph. */
export interface HtmlReport {
  readonly title: string;
  readonly lead?: string;
  readonly sections: readonly HtmlSection[];
  readonly footer?: string;
}

/** A heading with what belongs below it: text, then table, then chart. */
export interface HtmlSection {
  readonly heading: string;
  readonly text?: string;
  readonly table?: HtmlTable;
  readonly chart?: TopLevelSpec;
}

/** A table. Numbers stand to the right; the first cell of a row is its heading. */
export interface HtmlTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/**
 * One self-contained page: no network, its own copy of Vega, charts that answer to the pointer,
 * light and dark, printable. Without scripts, and on paper, every chart is a picture with the
 * spec's `description` as its alternative text.
 *
 * Needs no permission; the page is about 1 MB.
 */
export async function htmlReport({ title, lead, sections, footer }: HtmlReport): Promise<string> {
  const { style, script, libraries, licence } = pageAssets;
  const bodies = await Promise.all(sections.map(sectionMarkup));
  const charts = sections.flatMap(({ chart }) => chart ?? []);
  const scripts = charts.length === 0 ? [] : [
    `<script type="application/json" id="charts">${
      escapeJson({ charts, dark: darkColors() })
    }</script>`,
    `<!--\n${licence}\n-->`,
    ...[...libraries, script].map((source) => `<script>${escapeScript(source)}</script>`),
  ];
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<h1>${escapeMarkup(title)}</h1>`,
    paragraphs(lead, "lead"),
    ...bodies,
    footer ? `<footer>${paragraphs(footer)}</footer>` : "",
    "</main>",
    ...scripts,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** The page may run what it carries and load nothing; Vega compiles its expressions. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; " +
  "style-src 'unsafe-inline'; img-src data: blob:";

async function sectionMarkup({ heading, text, table, chart }: HtmlSection): Promise<string> {
  return [
    "<section>",
    `<h2>${escapeMarkup(heading)}</h2>`,
    paragraphs(text),
    table ? tableMarkup(table) : "",
    chart ? await chartMarkup(chart) : "",
    "</section>",
  ].filter(Boolean).join("\n");
}

function paragraphs(text = "", name?: string): string {
  const attribute = name ? ` class="${name}"` : "";
  return text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean)
    .map((part) => `<p${attribute}>${escapeMarkup(part)}</p>`).join("\n");
}

function tableMarkup({ caption, columns, rows }: HtmlTable): string {
  const bad = rows.find((row) => row.length !== columns.length);
  if (bad) {
    throw new RangeError(
      `Cannot lay out a row of ${bad.length} cells in ${columns.length} columns of "${caption}": ` +
        "give every row one cell for each column",
    );
  }
  const head = columns.map((column, i) =>
    `<th scope="col"${isNumeric(rows[0]?.[i]) ? ' class="number"' : ""}>${
      escapeMarkup(column)
    }</th>`
  );
  const body = rows.map((row) =>
    `<tr>${
      row.map((cell, i) => {
        const text = escapeMarkup(String(cell).replace(/^-(?=\d)/, "−"));
        if (i === 0) return `<th scope="row">${text}</th>`;
        return `<td${isNumeric(cell) ? ' class="number"' : ""}>${text}</td>`;
      }).join("")
    }</tr>`
  );
  return `<div class="table" role="region" tabindex="0" aria-label="${escapeMarkup(caption)}">` +
    `<table><caption>${escapeMarkup(caption)}</caption>` +
    `<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody></table></div>`;
}

/** Numbers, and texts made of them: "5.11 ± 0.81", "−3 %"; not "40 % label noise". */
function isNumeric(cell: string | number | undefined): boolean {
  return typeof cell === "number" || /^[−-]?\d\P{Letter}*$/u.test(cell ?? "");
}

/** The picture, and an empty place where the script draws the live chart. */
async function chartMarkup(chart: TopLevelSpec): Promise<string> {
  const svg = await toSvg(chart);
  const size = /<svg [^>]*?width="(\d+)[^"]*" height="(\d+)/.exec(svg);
  const [, width, height] = size ?? [];
  const source = `data:image/svg+xml;base64,${new TextEncoder().encode(svg).toBase64()}`;
  return '<figure class="chart"><div class="live"></div>' +
    `<img class="still" alt="${escapeMarkup(chart.description ?? "")}" ` +
    `width="${width}" height="${height}" src="${source}"></figure>`;
}
