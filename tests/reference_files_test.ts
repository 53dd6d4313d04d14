/** What docstrings and documents say to come from a file of the reference is in that file. */
import { assert, assertEquals } from "@std/assert";
import { referenceFiles } from "./_reference_files.ts";

const ROOT = new URL("..", import.meta.url);

/** Of other projects. */
const OTHERS = ["flax/serialization.py"];

/** The texts of lib/ and of the documents, by path. */
function* texts(): Generator<[path: string, text: string]> {
  const read = function* (folder: string, ending: RegExp): Generator<[string, string]> {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
      if (isDirectory) yield* read(`${folder}${name}/`, ending);
      else if (ending.test(name)) {
        yield [`${folder}${name}`, Deno.readTextFileSync(new URL(`${folder}${name}`, ROOT))];
      }
    }
  };
  yield* read("lib/", /\.ts$/);
  for (const folder of ["data/", "docs/"]) yield* read(folder, /\.md$/);
  yield ["README.md", Deno.readTextFileSync(new URL("README.md", ROOT))];
}

/** The files that a path, of which the beginning may be left out, can mean. */
function filesOf(path: string): string[] {
  return Object.keys(referenceFiles).filter((file) => `/${file}`.endsWith(`/${path}`));
}

/** A text's names of Python files in backticks, and the names said to be in each. */
function mentions(text: string): { readonly file: string; readonly names: readonly string[] }[] {
  const lines = text.replaceAll(/\n\s*\*\s/g, " "); // of one docstring
  const pattern = /((?:`[\w.]+`(?:, | and )?)*)(?: in )?`([\w/]+\.py)`/g;
  return [...lines.matchAll(pattern)].map(([whole, names, file]) => ({
    file: file!,
    names: whole!.includes(" in ") ? [...names!.matchAll(/`(.+?)`/g)].map(([, name]) => name!) : [],
  }));
}

Deno.test("docstrings: files of the reference exist, and define what is said to be in them", () => {
  let count = 0;
  for (const [path, text] of texts()) {
    for (const { file, names } of mentions(text)) {
      if (OTHERS.includes(file)) continue;
      count++;
      const files = filesOf(file);
      assert(files.length > 0, `${path} names ${file}, which the reference has not`);
      for (const name of names) {
        const isThere = files.some((file) => referenceFiles[file]!.includes(name));
        assert(isThere, `${path} names ${name} in ${file}, where it is not`);
      }
    }
  }
  assert(count > 40, `only ${count} were found`);
});

Deno.test("docstrings: what is searched for is found", () => {
  assertEquals(
    mentions("a `train.py`.\n * `x`, `y` and `z` in\n * `a/b.py` of; `w` (`c.py`, `d`)"),
    [
      { file: "train.py", names: [] },
      { file: "a/b.py", names: ["x", "y", "z"] },
      { file: "c.py", names: [] },
    ],
  );
  assertEquals(filesOf("load_model.py").length, 2);
  assertEquals(filesOf("odel.py"), []);
});
