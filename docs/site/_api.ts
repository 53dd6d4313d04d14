import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The docstrings of what `deno.json` exports. */
export async function writeApi(root: string, output: string): Promise<void> {
  const { exports } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const modules = Object.values<string>(exports).filter((path) => path.endsWith(".ts"));
  const target = `--output=${join(output, "api")}`;
  const { success, stderr } = await new Deno.Command("deno", {
    args: ["doc", "--html", "--name=sam", target, ...modules],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) {
    throw new Error(`Cannot render the docstrings: ${new TextDecoder().decode(stderr)}`);
  }
  for (const path of pagesBelow(join(output, "api"))) {
    const page = await Deno.readTextFile(path);
    const shown = withoutPlaces(page, root);
    if (shown !== page) await Deno.writeTextFile(path, shown);
  }
}

/**
 * A page whose links to sources are texts: `deno doc` lets them lead to files of the machine that it
 * runs on. What is on top of it tells which file of the repository is meant.
 */
export function withoutPlaces(page: string, root: string): string {
  const own = escapedUrl(root);
  return page.replaceAll(
    / href="(file:[^"]*)"/g,
    (_, address: string) =>
      address.startsWith(own) ? ` title="${address.slice(own.length)} in the repository"` : "",
  );
}

/** As `deno doc` writes it. */
function escapedUrl(folder: string): string {
  return pathToFileURL(join(folder, "/")).href.replaceAll("/", "&#x2F;");
}

function* pagesBelow(folder: string): Generator<string, void> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* pagesBelow(path);
    else if (name.endsWith(".html")) yield path;
  }
}
