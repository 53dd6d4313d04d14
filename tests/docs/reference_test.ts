/** `docs/reference.md` against the tests that it names. */
import { assert, assertEquals } from "@std/assert";

const page = await Deno.readTextFile(new URL("../../docs/reference.md", import.meta.url));
const COLUMNS = 4;

/** The cells of every row of its tables, heads and rules left out. */
function rows(): string[][] {
  return page.split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[\s|-]+$/.test(line))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()))
    .filter((cells) => !cells[3]?.startsWith("shown by"));
}

/** Tests that a cell names: `folder/file_test.ts "the beginning of a name"`. */
function namedTests(cell: string): { file: string; name: string }[] {
  return [...cell.matchAll(/([a-z_]+\/[a-z0-9_]+_test\.ts) "([^"]+)"/g)]
    .map(([, file, name]) => ({ file: file!, name: name! }));
}

Deno.test("docs/reference.md: every row says whether it is the same, and how that is shown", () => {
  assert(rows().length > 100, `${rows().length} rows`);
  for (const cells of rows()) {
    assertEquals(cells.length, COLUMNS, cells.join(" | "));
    const [behaviour, ours, same, shown] = cells as [string, string, string, string];
    assert(behaviour !== "" && ours !== "", cells.join(" | "));
    assert(["=", "≠", "+"].includes(same), `${behaviour}: "${same}"`);
    const reason = shown.replaceAll(/[a-z_]+\/[a-z0-9_]+_test\.ts "[^"]+"/g, "")
      .replace(/^(?:[;, ]|Reason:)*/, "").trim();
    assert(namedTests(shown).length > 0 || shown.startsWith("Reason: "), `${behaviour}: no test`);
    assert(same !== "≠" || reason.length > 10, `${behaviour} differs without a reason`);
  }
});

Deno.test("docs/reference.md: the tests that it names exist", async () => {
  const missing: string[] = [];
  for (const cells of rows()) {
    for (const { file, name } of namedTests(cells[3]!)) {
      const url = new URL(`../${file}`, import.meta.url);
      const text = await Deno.readTextFile(url).catch(() => "");
      // A file's own `test("…")` may put its room before the name.
      const own = name.slice(name.indexOf(": ") + 2);
      if (!text.includes(name) && !text.includes(`test("${own}`)) {
        missing.push(`${file} "${name}" (${cells[0]})`);
      }
    }
  }
  assertEquals(missing, []);
});
