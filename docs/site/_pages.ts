import { existsSync } from "node:fs";
import { basename, join } from "node:path";

/** A page of the site, made of a Markdown file. */
export interface Source {
  /** From the root of the repository. */
  readonly path: string;
  /** In the navigation. */
  readonly title: string;
  /** The file of the page. */
  readonly name: string;
}

/** The pages in the order in which one reads them; those whose file is missing are left out. */
const PAGES: readonly (readonly [path: string, title: string])[] = [
  ["README.md", "Overview"],
  ["docs/getting_started.md", "Getting started"],
  ["docs/commands.md", "Commands"],
  ["docs/own_training.md", "Train your own model"],
  ["docs/models_and_data.md", "Models and data"],
  ["docs/experiments.md", "Experiments"],
  ["docs/sharpness.md", "Sharpness"],
  ["docs/speed.md", "Speed"],
  ["docs/distributed.md", "Several devices"],
  ["docs/reliability.md", "Reliability"],
  ["docs/reference.md", "The original's flags"],
  ["docs/kernel.md", "The kernel"],
  ["docs/machines.md", "Machines"],
  ["docs/architecture.md", "How it is built"],
  ["CONTRIBUTING.md", "Contributing"],
  ["notebooks/README.md", "Notebooks"],
  ["data/README.md", "Data sets"],
];

/** All pages: those above, other pages of `docs`, and the cards of data sets. */
export function pagesOf(root: string): Source[] {
  const named = PAGES.filter(([path]) => existsSync(join(root, path)));
  const known = new Set(PAGES.map(([path]) => path));
  const others = ["docs", "data"].flatMap((folder) =>
    Array.from(Deno.readDirSync(join(root, folder)), ({ name }) => `${folder}/${name}`)
      .filter((path) => path.endsWith(".md") && !known.has(path)).sort()
      .map((path) => [path, words(basename(path, ".md"))] as const)
  );
  return [...named, ...others].map(([path, title]) => ({ path, title, name: nameOf(path) }));
}

/** `docs/speed.md` is `speed.html`, `data/folder.md` is `data_folder.html`. */
function nameOf(path: string): string {
  if (path === "README.md") return "index.html";
  return `${path.replace(/^docs\//, "").replace(/\.md$/, "").replaceAll("/", "_")}.html`
    .toLowerCase();
}

function words(name: string): string {
  return (name[0]!.toUpperCase() + name.slice(1)).replaceAll("_", " ");
}
