import { assertEquals, assertStringIncludes } from "@std/assert";
import { Notebook } from "../../../lib/kernel/language/_notebook.ts";
import {
  typeErrorsIn,
  typeErrorsSetting,
  typeErrorsSwitch,
} from "../../../lib/kernel/language/_type_errors.ts";

const item = (line: number, code = 2322, rest = {}) => ({
  range: { start: { line, character: 2 } },
  severity: 1,
  source: "deno-ts",
  code,
  message: `m${line}`,
  ...rest,
});

Deno.test("type errors: only of this cell, only errors of types; the first five are shown", () => {
  const notebook = new Notebook();
  notebook.remember("earlier;");
  const code = "0;\n1;\n2;\n3;\n4;\n5;\n6;";
  const shown = notebook.show(code);
  const at = shown.text.slice(0, shown.text.indexOf("0;")).split("\n").length - 1;
  const found = (...items: unknown[]) => typeErrorsIn({ items }, shown, code);
  assertEquals(
    found(item(at + 1)),
    `Type error: m${at + 1} (line 2, column 3)\n\n  2 | 1;\n    |   ^\n`,
  );
  const others = [
    item(at - 3),
    item(at, 7006),
    item(at, 2307),
    item(at, 1233),
    item(at, 2322, { severity: 2 }),
    item(at, 2322, { source: "deno-lint" }),
  ];
  assertEquals(found(...others), undefined);
  assertEquals(typeErrorsIn(undefined, shown, code), undefined);
  const many = found(...[0, 1, 2, 3, 4, 5, 6].map((i) => item(at + i))) ?? "";
  assertEquals(many.match(/Type error/g)?.length, 5);
  assertStringIncludes(many, "and 2 more");
});

Deno.test("type errors: a line of a cell and the environment say what is done", () => {
  assertEquals(typeErrorsSwitch("1;\n  // Type errors: silent\n2"), "silent");
  assertEquals(typeErrorsSwitch('"// type errors: silent"'), undefined);
  assertEquals([undefined, "no", "errors"].map(typeErrorsSetting), [
    "warnings",
    "warnings",
    "errors",
  ]);
});
