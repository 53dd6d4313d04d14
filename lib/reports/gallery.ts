import { escapeMarkup, htmlPage } from "../plots/mod.ts";
import { joined, type Lines, type Notebook, titleOf } from "./notebook.ts";

/** A report in the gallery. */
export interface GalleryEntry {
  readonly notebook: Notebook;
  /** The name of its files, without the extension. */
  readonly name: string;
  /** The formats it exists in, as file extensions: "html", "pdf", "ipynb". */
  readonly formats: readonly string[];
}

const STYLE = `
.reports { list-style: none; padding: 0; }
.reports li { border-top: 1px solid var(--rule); padding: 1rem 0 1.5rem; break-inside: avoid; }
.reports h2 { margin-top: 0.5rem; }
.reports .result { font-weight: bold; }
.reports img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: 6px; }
`;

/**
 * The page that leads to all reports: of each its title, first paragraph, the first sentence that a
 * cell made of its results, and with it the first picture. Without such a sentence there is no picture,
 * which would say what nobody has tested.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { gallery, type Notebook } from "./mod.ts";
 *
 * const notebook: Notebook = {
 *   cells: [
 *     { cell_type: "markdown", source: "# A title\n", metadata: {} },
 *     { cell_type: "code", source: "let epochs = 3;", metadata: { tags: ["parameters"] } },
 *   ],
 *   metadata: {},
 *   nbformat: 4,
 *   nbformat_minor: 5,
 * };
 * const page = gallery([{ notebook, name: "rho", formats: ["html"] }]);
 * assertStringIncludes(page, '<a href="rho.html">A title</a>');
 * ```
 */
export function gallery(entries: readonly GalleryEntry[]): string {
  return htmlPage({
    title: "Notebook reports",
    body: `<h1>Notebook reports</h1>\n<ul class="reports">\n${
      entries.map(entryMarkup).join("\n")
    }\n</ul>`,
    style: STYLE,
  });
}

function entryMarkup({ notebook, name, formats }: GalleryEntry): string {
  const title = escapeMarkup(titleOf(notebook, name));
  const link = (format: string, text: string) =>
    `<a href="${encodeURIComponent(name)}.${format}">${text}</a>`;
  const others = formats.filter((format) => format !== formats[0]).map((format) =>
    link(format, format === "ipynb" ? "notebook" : format.toUpperCase())
  );
  return [
    `<li><h2>${link(formats[0]!, title)}</h2>`,
    `<p>${escapeMarkup(firstParagraph(notebook))}</p>`,
    ...firstResult(notebook).flatMap((text) => [
      `<p class="result">${escapeMarkup(text)}</p>`,
      firstPicture(notebook),
    ]),
    `<p>${others.join(" · ")}</p></li>`,
  ].join("\n");
}

/** Below the first heading, without Markdown's marks, and without a sentence that a formula ends. */
function firstParagraph({ cells }: Notebook): string {
  const cell = cells.find(({ cell_type }) => cell_type === "markdown");
  const paragraphs = joined(cell?.source ?? "").split(/\n\s*\n/);
  const first = paragraphs.find((paragraph) => !paragraph.startsWith("#")) ?? "";
  const text = withoutMarks(first);
  return text.replace(/(?<=[.?!]) (?:(?![.?!] ).)*:$/, "");
}

/** The first line of the first output that is Markdown alone: tables are HTML too. */
function firstResult({ cells }: Notebook): string[] {
  const texts = cells.flatMap(({ outputs = [] }) => outputs).flatMap(({ data }) =>
    data && "text/markdown" in data && !("text/html" in data)
      ? joined(data["text/markdown"] as Lines)
      : []
  );
  const [line = ""] = (texts[0] ?? "").split("\n");
  return line === "" ? [] : [withoutMarks(line.replace(/^- /, ""))];
}

function withoutMarks(markdown: string): string {
  return markdown.replaceAll(/[*_`$]|\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/\s+/g, " ").trim();
}

function firstPicture({ cells }: Notebook): string {
  const bundles = cells.flatMap(({ outputs = [] }) => outputs).flatMap(({ data }) =>
    data ? [data] : []
  );
  const bundle = bundles.find((data) => "image/svg+xml" in data);
  if (!bundle) return "";
  const svg = joined(bundle["image/svg+xml"] as Lines);
  const description = joined((bundle["text/plain"] ?? "") as Lines);
  return `<img alt="${escapeMarkup(description)}" src="data:image/svg+xml;base64,${
    new TextEncoder().encode(svg).toBase64()
  }">`;
}
