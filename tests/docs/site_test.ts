/** The documentation site: its links, its anchors, and what it leaves out. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutPlaces } from "../../docs/site/_api.ts";
import { render } from "../../docs/site/_markdown.ts";
import { pagesOf } from "../../docs/site/_pages.ts";
import { writeSite } from "../../docs/site/_write.ts";
import { withFolder } from "../train/_runs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const anchors = (page: string) => [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);

Deno.test("docs: every link of the site leads to a page and a heading that are there", () =>
  withFolder(async (folder) => {
    assert(await writeSite(ROOT, folder, { api: false }) >= 12);
    const broken: string[] = [];
    let count = 0;
    for (const { name } of pagesOf(ROOT)) {
      const page = await Deno.readTextFile(join(folder, name));
      for (const [, target] of page.matchAll(/ (?:href|src)="([^"]+)"/g)) {
        if (/^https?:/.test(target!)) continue;
        count++;
        const [file, anchor] = target!.split("#") as [string, string?];
        const path = file === "" ? name : file;
        if (!existsSync(join(folder, path))) broken.push(`${name}: ${target}`);
        else if (anchor && !anchors(await Deno.readTextFile(join(folder, path))).includes(anchor)) {
          broken.push(`${name}: ${target}`);
        }
      }
      assert(!/<(script|link|img)[^>]* (src|href)="https?:/.test(page), `${name} needs a network`);
    }
    assertEquals(broken, []);
    assert(count > 300, `${count} links`);
    const script = await Deno.readTextFile(join(folder, "search_index.js"));
    const index = JSON.parse(script.slice("const SEARCH = ".length, -2)) as string[][];
    assert(
      index.some(([page, href, heading]) =>
        page === "How it is built" && href === "architecture.html#the-way-of-a-cell" &&
        heading === "The way of a cell"
      ),
    );
  }));

Deno.test("docs: pages of the public API lead to no file of the machine that made them", () => {
  const slashes = (text: string) => text.replaceAll("/", "&#x2F;");
  const link = (address: string) => `<a class="source"\n  href="${slashes(address)}">source</a>`;
  assertEquals(
    withoutPlaces(
      link("file:///a/clone/lib/x.ts") + link("file:///root/.cache/y.d.ts"),
      "/a/clone",
    ),
    `<a class="source"\n  title="lib&#x2F;x.ts in the repository">source</a>` +
      '<a class="source"\n >source</a>',
  );
  assertEquals(withoutPlaces('<a href="../x.html">', "/a"), '<a href="../x.html">');
});

Deno.test("docs: what pages name in the repository exists", async () => {
  const missing: string[] = [];
  for (const { path } of pagesOf(ROOT)) {
    const text = (await Deno.readTextFile(join(ROOT, path))).replaceAll(/^```[^]*?^```/gm, "");
    for (const [, href] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|#)/.test(href!)) continue;
      const file = join(ROOT, dirname(path), href!.split("#")[0]!);
      if (!existsSync(file)) missing.push(`${path}: ${href}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("docs: the rooms that are drawn are rooms", async () => {
  const drawing = await Deno.readTextFile(join(ROOT, "docs/drawings/rooms.svg"));
  const names = [...drawing.matchAll(/<text x[^>]*>(\w+)<\/text>/g)].map(([, name]) => name!);
  assert(names.length > 15, `${names.length} rooms`);
  assertEquals(names.filter((name) => !existsSync(join(ROOT, "lib", name, "mod.ts"))), []);
});

Deno.test("docs: anchors are GitHub's, links to what has no page are text", () => {
  const { html, sections } = render(
    "# A `b` & c?\n\nOne\n\n## Same\n\n## Same\n\n[x](a.md#y) [z](lib/z.ts)\n",
    (href) => href.startsWith("a.md") ? href.replace("a.md", "a.html") : undefined,
  );
  assertEquals(sections.map(({ id }) => id), ["a-b--c", "same", "same-1"]);
  assertEquals(sections[0]!.text.trim(), "One");
  assertStringIncludes(html, '<a href="a.html#y">x</a>');
  assertStringIncludes(html, '<span class="path" title="lib/z.ts in the repository">z</span>');
});

Deno.test("docs: the tests run the snippets of every page", async () => {
  const runner = await Deno.readTextFile(join(ROOT, "tests/run.ts"));
  const missing: string[] = [];
  for (const { path } of pagesOf(ROOT)) {
    const text = await Deno.readTextFile(join(ROOT, path));
    if (/^```ts$/m.test(text) && !runner.includes(`"${path}"`)) missing.push(path);
  }
  assertEquals(missing, []);
});
