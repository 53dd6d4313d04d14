/** Examples of documents and docstrings: `tests/run.ts` runs them all. @module */
import { assert, assertEquals } from "@std/assert";
import { ROOT, textsIn, textsOf } from "./_texts.ts";

const documents = [
  ...textsIn("docs/", /\.md$/),
  ...textsIn("data/", /^[A-Za-z_]+\.md$/),
  ...textsOf("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
];

Deno.test("docs: no example is left out of the tests", () => {
  const left = [...textsIn("lib/", /\.ts$/), ...documents, ...textsOf("mod.ts")]
    .filter(([, text]) => /```(ts|typescript|js) +ignore/.test(text)).map(([path]) => path);
  assertEquals(left, []);
});

Deno.test("docs: documents with examples are among those that the tests run", async () => {
  const run = await Deno.readTextFile(new URL("tests/run.ts", ROOT));
  const withExamples = documents.filter(([, text]) => /^```ts$/m.test(text)).map(([path]) => path);
  assert(withExamples.length >= 6, `${withExamples}`);
  assertEquals(withExamples.filter((path) => !run.includes(`"${path}"`)), []);
});
