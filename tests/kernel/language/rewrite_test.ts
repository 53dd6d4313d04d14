import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { completeness } from "../../../lib/kernel/language/_parse.ts";
import { rewrite } from "../../../lib/kernel/language/_rewrite.ts";

function rewritten(code: string): string {
  const result = rewrite(code, { cell: 7, count: 3, base: "file:///notebooks/" });
  assert(!result.fault, JSON.stringify(result));
  const front = `__kernel.begin(7,3,${JSON.stringify(code)},()=>0);`;
  const end = "\n//# sourceURL=kernel-cell-7";
  assert(result.code.startsWith(front) && result.code.endsWith(end), result.code);
  const body = result.code.slice(front.length, -end.length);
  assertEquals(body.split("\n").length, code.split("\n").length, "Lines have moved");
  return body;
}

Deno.test("awaits at the top race, awaits in functions look at the interrupt", () => {
  assertEquals(rewritten("let a = await b"), "let a = await __kernel.race((b))");
  assertEquals(
    rewritten("x = await await a; 1n;"),
    "x = await __kernel.race((await __kernel.race((a)))); __kernel.last((1n));",
  );
  assertStringIncludes(rewritten("async () => { await b }"), "await __kernel.tick((b))");
  assertStringIncludes(rewritten("await (async () => 1)()"), "__kernel.race(((async () => 1)()))");
  assertEquals(
    rewritten("for await (const x of y) {}"),
    "for await (const x of __kernel.iterate((y))) {}",
  );
  assertEquals(
    rewritten("async function f() { for await (const x of y) {} }"),
    "async function f() { for await (const x of y) {} }",
  );
});

Deno.test("the last expression is shown, whatever follows it", () => {
  assertEquals(rewritten("1; 2 // two"), "1; __kernel.last((2)) // two");
  assertEquals(rewritten("1;;"), "__kernel.last((1));;");
  assertEquals(rewritten("{ a: 1 }"), "__kernel.last((({ a: 1 })))");
  assertEquals(rewritten("{ f(); }"), "{ f(); }");
  assertEquals(rewritten("let a = 1"), "let a = 1");
  assertEquals(rewritten(""), "");
});

Deno.test("relative imports start from the notebook's folder", () => {
  const code = 'import { a } from "./a.ts";\nimport "sam";\nawait import("../b.ts")';
  const result = rewrite(code, { base: "file:///notebooks/" });
  assert(!result.fault);
  assertStringIncludes(result.code, 'from "file:///notebooks/./a.ts"');
  assertStringIncludes(result.code, 'import("file:///notebooks/../b.ts")');
  assertEquals(result.imports, ["file:///notebooks/a.ts", "sam"]);
});

Deno.test("TypeScript and TSX are accepted", () => {
  rewritten("enum A { B }; let x = <number>y; export const z = x satisfies number;");
  rewritten("const e = <div>{1}</div>");
});

Deno.test("a syntax error has its place", () => {
  const { fault } = rewrite("const a = 1;\nconst b = ;");
  assertEquals(fault?.message, "Expression expected. (line 2, column 11)");
  assertEquals(fault?.traceback.slice(2), ["  2 | const b = ;", "    |           ^"]);
});

Deno.test("completeness", () => {
  for (const code of ["", "1", "let a = 1", "function f() {\n}", "tf.add?", "? a", "ρ??"]) {
    assertEquals(completeness(code), "complete", code);
  }
  for (const code of ["function f() {", "`abc", "[1,", "f(", "if (a) {\n"]) {
    assertEquals(completeness(code), "incomplete", code);
  }
  for (const code of [")", "let = = 1"]) assertEquals(completeness(code), "invalid", code);
});
