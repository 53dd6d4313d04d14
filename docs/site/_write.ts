import { existsSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { writeApi } from "./_api.ts";
import { render, type Section } from "./_markdown.ts";
import { pagesOf, type Source } from "./_pages.ts";
import { layout, type Link } from "./_layout.ts";

/** What goes into a site besides its pages. */
export interface SiteOptions {
  /** Whether the docstrings of the public modules are rendered too, by `deno doc`. */
  readonly api: boolean;
}

/**
 * Writes the site into a folder, in the place of what was there.
 *
 * @returns how many pages of its own it has
 */
export async function writeSite(
  root: string,
  output: string,
  { api }: SiteOptions,
): Promise<number> {
  await Deno.remove(output, { recursive: true }).catch(() => {});
  await Deno.mkdir(output, { recursive: true });
  const sources = pagesOf(root);
  const reports = await copyReports(root, output);
  if (api) await writeApi(root, output);
  const more: Link[] = [
    ...api ? [{ title: "Public API", name: "api/index.html" }] : [],
    ...reports.includes("index") ? [{ title: "Reports", name: "reports/index.html" }] : [],
  ];
  const found: (Section & { readonly page: string; readonly name: string })[] = [];
  for (const source of sources) {
    const { html, sections } = render(
      await Deno.readTextFile(join(root, source.path)),
      (href) => resolveLink(href, { root, output, source, sources, reports }),
    );
    found.push(
      ...sections.map((section) => ({ ...section, page: source.title, name: source.name })),
    );
    const page = layout({ source, sources, more, html, sections });
    await Deno.writeTextFile(join(output, source.name), page);
  }
  for (const name of ["style.css", "search.js"]) {
    await Deno.copyFile(new URL(name, import.meta.url), join(output, name));
  }
  // A script and no JSON: a page that was opened from the disk may not fetch.
  const index = found.map((
    { page, name, id, heading, text },
  ) => [page, `${name}#${id}`, heading, text]);
  await Deno.writeTextFile(
    join(output, "search_index.js"),
    `const SEARCH = ${JSON.stringify(index)};\n`,
  );
  return sources.length;
}

/** What is needed to follow a link. */
interface Place {
  readonly root: string;
  readonly output: string;
  readonly source: Source;
  readonly sources: readonly Source[];
  readonly reports: readonly string[];
}

/** Where a link of a page leads on the site; pictures are copied. */
function resolveLink(href: string, place: Place): string | undefined {
  if (/^[a-z]+:/.test(href) || href.startsWith("#")) return href;
  const { root, output, source, sources, reports } = place;
  const [file, anchor] = href.split("#") as [string, string?];
  const path = normalize(join(dirname(source.path), file));
  const page = sources.find((one) => one.path === path || one.path === `${path}/README.md`);
  if (page) return anchor === undefined ? page.name : `${page.name}#${anchor}`;
  const report = basename(path, ".ipynb");
  if (path.endsWith(".ipynb") && reports.includes(report)) return `reports/${report}.html`;
  if (!/\.(png|svg|gif|jpe?g)$/.test(path)) return undefined;
  const copy = join(output, "pictures", basename(path));
  Deno.mkdirSync(dirname(copy), { recursive: true });
  Deno.copyFileSync(join(root, path), copy);
  return `pictures/${basename(path)}`;
}

/** @returns the names of the reports that are there */
async function copyReports(root: string, output: string): Promise<string[]> {
  const folder = join(root, "reports");
  if (!existsSync(folder)) return [];
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => /\.(html|pdf|ipynb)$/.test(name));
  await Deno.mkdir(join(output, "reports"), { recursive: true });
  for (const name of names) await Deno.copyFile(join(folder, name), join(output, "reports", name));
  return names.filter((name) => name.endsWith(".html")).map((name) => basename(name, ".html"));
}
