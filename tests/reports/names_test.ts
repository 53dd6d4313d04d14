import { assertEquals } from "@std/assert";
import { reportNames } from "../../lib/reports/mod.ts";

const names = (paths: readonly string[], reserved: readonly string[] = []) => [
  ...reportNames(paths, reserved).values(),
];

Deno.test("reports of notebooks of one name do not overwrite each other", () => {
  assertEquals(names(["/a/one.ipynb", "/b/two.ipynb"]), ["one", "two"]);
  assertEquals(names(["/a/one.ipynb", "/b/one.ipynb", "/c/b/one.ipynb"]), [
    "one",
    "b-one",
    "c-b-one",
  ]);
  assertEquals(names(["/x/a-b.ipynb", "/x/b.ipynb", "/a/b.ipynb"]), ["a-b", "b", "a-b-2"]);
});

Deno.test("a notebook that is named twice is one, and a reserved name is left free", () => {
  assertEquals(names(["/a/one.ipynb", "/a/../a/one.ipynb"]), ["one"]);
  assertEquals(names(["/a/index.ipynb"], ["index"]), ["a-index"]);
});
