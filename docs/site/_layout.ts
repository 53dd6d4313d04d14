import { escape, type Section } from "./_markdown.ts";
import type { Source } from "./_pages.ts";

/** An entry of the navigation. */
export interface Link {
  readonly title: string;
  readonly name: string;
}

/** What a page is made of. */
export interface Layout {
  readonly source: Source;
  readonly sources: readonly Source[];
  /** What follows the pages in the navigation. */
  readonly more: readonly Link[];
  readonly html: string;
  readonly sections: readonly Section[];
}

/** The page around its text: navigation and search to the left, its sections to the right. */
export function layout({ source, sources, more, html, sections }: Layout): string {
  const isCard = ({ path }: Source) => path.startsWith("data/") && path !== "data/README.md";
  const item = ({ title, name }: Link) =>
    `<li><a href="${name}"${name === source.name ? ' aria-current="page"' : ""}>${
      escape(title)
    }</a></li>`;
  const contents = sections.filter(({ depth }) => depth === 2)
    .map(({ id, heading }) => `<li><a href="#${id}">${escape(heading)}</a></li>`);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escape(source.title)} – sam</title>`,
    '<link rel="stylesheet" href="style.css">',
    "</head>",
    "<body>",
    '<nav aria-label="Pages">',
    '<a class="home" href="index.html">sam</a>',
    '<input type="search" id="search" placeholder="Search" aria-label="Search" autocomplete="off">',
    '<ol id="found" hidden></ol>',
    `<ul>${sources.filter((one) => !isCard(one)).map(item).join("")}</ul>`,
    `<ul>${more.map(item).join("")}</ul>`,
    `<details${isCard(source) ? " open" : ""}><summary>Cards of data sets</summary>`,
    `<ul>${sources.filter(isCard).map(item).join("")}</ul></details>`,
    "</nav>",
    "<main>",
    html,
    "</main>",
    contents.length > 1
      ? `<aside aria-label="On this page"><ul>${contents.join("")}</ul></aside>`
      : "",
    '<script src="search_index.js"></script>',
    '<script src="search.js"></script>',
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
