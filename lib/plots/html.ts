import type { TopLevelSpec } from "vega-lite";
import { escapeJson, escapeMarkup, escapeScript } from "./escape.ts";
import { pageAssets } from "./_page_assets.ts";
import { toSvg } from "./render.ts";
import { type HtmlTable, tableMarkup } from "./table.ts";
import { darkColors } from "./theme.ts";

/** A page of text, tables and charts. Texts are plain; a blank line begins a new paragraph. */
export interface HtmlReport {
  readonly title: string;
  readonly lead?: string;
  readonly sections: readonly HtmlSection[];
  readonly footer?: string;
  /** Seconds after which a browser loads the page anew, of one that is written while it is read. */
  readonly reloadAfter?: number;
}

/** A heading with what belongs below it: text, then table, then chart. */
export interface HtmlSection {
  readonly heading: string;
  readonly text?: string;
  readonly table?: HtmlTable;
  readonly chart?: TopLevelSpec;
}

/**
 * One self-contained page: no network, its own copy of Vega, charts that answer to the pointer,
 * light and dark, printable. Without scripts, and on paper, every chart is a picture with the
 * spec's `description` as its alternative text.
 *
 * Needs no permission; the page is about 1 MB.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { htmlReport } from "sam/plots";
 *
 * const page = await htmlReport({
 *   title: "SAM against SGD",
 *   sections: [{ heading: "Result", text: "SAM < SGD" }],
 * });
 * assertStringIncludes(page, "<p>SAM &lt; SGD</p>");
 * ```
 */
export async function htmlReport(
  { title, lead, sections, footer, reloadAfter }: HtmlReport,
): Promise<string> {
  let charts = 0;
  const bodies = await Promise.all(
    sections.map((section) => sectionMarkup(section, section.chart ? charts++ : 0)),
  );
  return htmlPage({
    title,
    body: [
      `<h1>${escapeMarkup(title)}</h1>`,
      paragraphs(lead, "lead"),
      ...bodies,
      footer ? `<footer>${paragraphs(footer)}</footer>` : "",
    ].join("\n"),
    charts: sections.flatMap(({ chart }) => chart ?? []),
    ...reloadAfter !== undefined && {
      scripts: [`setTimeout(() => location.reload(), ${1000 * reloadAfter});`],
    },
  });
}

/** What a page is made of. */
export interface HtmlPage {
  readonly title: string;
  /** Markup, trusted. It has a `<figure>` made by {@linkcode chartFigure} for each chart. */
  readonly body: string;
  /** Each figure of the body names one of them by its index. */
  readonly charts?: readonly TopLevelSpec[];
  /** Rules beside those of all pages. */
  readonly style?: string;
  /** JavaScript, run one after another after the body. */
  readonly scripts?: readonly string[];
}

/**
 * The page around a body: style, policy, and Vega where there are charts.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { htmlPage } from "sam/plots";
 *
 * const page = htmlPage({ title: "A & B", body: "<h1>A and B</h1>" });
 * assertStringIncludes(page, "<title>A &amp; B</title>");
 * ```
 */
export function htmlPage({ title, body, charts = [], style = "", scripts = [] }: HtmlPage): string {
  const { libraries, licence, script } = pageAssets;
  const chartScripts = charts.length === 0 ? [] : [
    `<script type="application/json" id="charts">${
      escapeJson({ charts, dark: darkColors() })
    }</script>`,
    `<!--\n${licence}\n-->`,
    ...[...libraries, script].map(scriptMarkup),
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
    `<style>${pageAssets.style}${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    body,
    "</main>",
    ...chartScripts,
    ...scripts.map(scriptMarkup),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** The page may run what it carries and load nothing; Vega compiles its expressions. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; " +
  "style-src 'unsafe-inline'; img-src data: blob:";

function scriptMarkup(source: string): string {
  return `<script>${escapeScript(source)}</script>`;
}

async function sectionMarkup(
  { heading, text, table, chart }: HtmlSection,
  index: number,
): Promise<string> {
  return [
    "<section>",
    `<h2>${escapeMarkup(heading)}</h2>`,
    paragraphs(text),
    table ? tableMarkup(table) : "",
    chart ? chartFigure(await toSvg(chart), index, chart.description) : "",
    "</section>",
  ].filter(Boolean).join("\n");
}

function paragraphs(text = "", name?: string): string {
  const attribute = name ? ` class="${name}"` : "";
  return text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean)
    .map((part) => `<p${attribute}>${escapeMarkup(part)}</p>`).join("\n");
}

/**
 * A chart's picture, and an empty place where the page's script draws the live chart.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { chartFigure } from "sam/plots";
 *
 * const svg = '<svg class="marks" width="20" height="10"></svg>';
 * assertStringIncludes(chartFigure(svg, 0, "Nothing yet"), 'alt="Nothing yet"');
 * ```
 *
 * @param index of its spec among the page's charts: other markup may look like a chart, too
 * @param description the picture's alternative text
 */
export function chartFigure(svg: string, index: number, description = ""): string {
  const size = /<svg [^>]*?width="(\d+)[^"]*" height="(\d+)/.exec(svg);
  const [, width, height] = size ?? [];
  const source = `data:image/svg+xml;base64,${new TextEncoder().encode(svg).toBase64()}`;
  return `<figure class="chart" data-chart="${index}"><div class="live"></div>` +
    `<img class="still" alt="${escapeMarkup(description)}" ` +
    `width="${width}" height="${height}" src="${source}"></figure>`;
}
