import { assertEquals, assertThrows } from "@std/assert";
import type { Notebook } from "../../lib/reports/mod.ts";
import { parseParameter, withParameters } from "../../lib/reports/mod.ts";

const notebook: Notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [
    { cell_type: "markdown", source: "# Title", metadata: {} },
    {
      cell_type: "code",
      source: ["let rho = 0.05;\n", "let name: string = 'a';\n", "const fixed = 1;"],
      metadata: { tags: ["parameters"] },
    },
    { cell_type: "code", source: "let steps = rho;", metadata: {} },
  ],
};

Deno.test("a value is JSON, a number that JSON lacks, or text", () => {
  assertEquals(parseParameter("rho=0.1"), ["rho", 0.1]);
  assertEquals(parseParameter("seeds=[0, 1]"), ["seeds", [0, 1]]);
  assertEquals(parseParameter("rho=NaN"), ["rho", NaN]);
  assertEquals(parseParameter("rho=-Infinity"), ["rho", -Infinity]);
  assertEquals(parseParameter("name=a=b c"), ["name", "a=b c"]);
  assertEquals(parseParameter('name="0.1"'), ["name", "0.1"]);
  assertEquals(parseParameter("name="), ["name", ""]);
});

Deno.test("what is no parameter is refused", () => {
  for (const text of ["rho", "=1", "rho-2=1", "2rho=1"]) {
    assertThrows(() => parseParameter(text), SyntaxError, `"${text}"`);
  }
});

Deno.test("parameters stand in a cell of their own, once", () => {
  const once = withParameters(notebook, { rho: 0.1 });
  assertEquals(once.cells.length, 4);
  const twice = withParameters(once, { rho: NaN, name: 'a "b"' });
  assertEquals(twice.cells.length, 4);
  assertEquals(twice.cells[2]?.metadata.tags, ["injected-parameters"]);
  assertEquals(twice.cells[2]?.source, 'let rho = NaN;\nlet name = "a \\"b\\"";');
  assertEquals(notebook.cells.length, 3);
  assertEquals(withParameters(notebook, {}), notebook);
});

Deno.test("a parameter that the notebook does not declare is refused with those it does", () => {
  for (const name of ["rh0", "fixed", "steps"]) {
    assertThrows(
      () => withParameters(notebook, { [name]: 1 }),
      RangeError,
      `Cannot set ${name}: the notebook's parameters are rho, name`,
    );
  }
  assertThrows(
    () => withParameters({ ...notebook, cells: [] }, { rho: 1 }),
    RangeError,
    'no cell of the notebook has the tag "parameters"',
  );
});
