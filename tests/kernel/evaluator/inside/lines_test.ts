import { assertEquals } from "@std/assert";
import { LineMap } from "../../../../lib/kernel/evaluator/inside/_lines.ts";

/** For each line of what is run: the line of the source for its first word. */
function linesOf(source: string, printed: string): (number | undefined)[] {
  const map = new LineMap(source, printed);
  return printed.split("\n").map((line, i) => map.lineOf(i + 1, line.search(/\S|$/) + 1));
}

Deno.test("lines are found behind types, printed anew, with what the kernel has put there", () => {
  const source = `interface Point {
  readonly x: number;
}
const f = (p: Point): number => { return p.x; };

await f({ x: 1 })`;
  const printed = `const f = (p)=>{
    return p.x;
};
await __kernel.race(__kernel.last(f({
    x: 1
})));`;
  assertEquals(linesOf(source, printed), [4, 4, 4, 6, 6, 6]);
});

Deno.test("an enum and a parameter property, which Deno writes out, keep the lines around them", () => {
  const source = `enum E { A }
class C {
  constructor(readonly x: E) {}
  m() { throw 1; }
}
new C(E.A).m();`;
  const printed = `var E = /*#__PURE__*/ function(E) {
  E[E["A"] = 0] = "A";
  return E;
}({});
class C {
  x;
  constructor(x) {
    this.x = x;
  }
  m() {
    throw 1;
  }
}
new C(E.A).m();`;
  const found = linesOf(source, printed);
  assertEquals([found[4], found[9], found[10], found[13]], [2, 4, 4, 6]);
});

Deno.test("of statements in one line, and of equal ones, each has its own line", () => {
  const source = "f(); g();\nf();\n\nf();";
  assertEquals(linesOf(source, "f();\ng();\nf();\nf();"), [1, 1, 2, 4]);
});

Deno.test("a place within a line counts, and what was put there is at what follows it", () => {
  const map = new LineMap("f(\n  a,\n  b,\n);", "f(a, b);\nput(put(b));");
  assertEquals([1, 3, 6].map((column) => map.lineOf(1, column)), [1, 2, 3]);
  const behind = new LineMap("x;\ny;", "x;\nput.there(y);");
  assertEquals(behind.lineOf(2, 1), 2);
});

Deno.test("empty texts, and texts that differ too much, have no lines", () => {
  assertEquals(linesOf("", ""), [undefined]);
  assertEquals(linesOf("a", "b"), [undefined]);
  const words = (name: string) => Array.from({ length: 3000 }, (_, i) => `${name}${i}`).join(" ");
  assertEquals(linesOf(words("a"), words("b")), [undefined]);
});
