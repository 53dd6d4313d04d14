/** Stack traces name the notebook's cells and lines, as they were written. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { TestKernel } from "./_kernel.ts";

/** Types in front of what fails, which Deno takes away: lines move. */
const TYPES = `interface Point {
  readonly x: number;
}

`;

Deno.test("stack traces name the cell and the line, and show it", async (t) => {
  await using kernel = await TestKernel.start();
  const traceback = async (code: string) => {
    const { reply } = await kernel.run(code);
    return (reply.traceback as string[]).join("\n");
  };
  await kernel.run(TYPES + "function half(p: Point) {\n  throw new RangeError('odd');\n}");

  await t.step("an error thrown in an earlier cell", async () => {
    assertEquals(
      await traceback(TYPES + "// the call\nhalf({ x: 3 });"),
      `RangeError: odd
    at half (Cell [1], line 6)
        throw new RangeError('odd');
    at Cell [2], line 6
        half({ x: 3 });`,
    );
  });

  await t.step("an error behind an await, of V8 itself, in a method and a callback", async () => {
    const code = TYPES + `class Model {
  constructor(private readonly parts: Point[] | null) {}
  async fit() {
    await 0;
    return this.parts!.map(({ x }) => x);
  }
}
await new Model(null).fit()`;
    const shown = await traceback(code);
    assertStringIncludes(shown, "TypeError: Cannot read properties of null (reading 'map')");
    assertStringIncludes(shown, "fit (Cell [3], line 9)\n        return this.parts!.map(");
  });

  await t.step("what caused an error, and the errors that one stands for", async () => {
    assertEquals(
      await traceback(
        'function load() { throw new TypeError("no file") }\n' +
          'try { load() } catch (cause) { throw new Error("no data", { cause }) }',
      ),
      `Error: no data
    at Cell [4], line 2
        try { load() } catch (cause) { throw new Error("no data", { cause }) } {
  [cause]: TypeError: no file
      at load (Cell [4], line 1)
          function load() { throw new TypeError("no file") }
      at Cell [4], line 2
          try { load() } catch (cause) { throw new Error("no data", { cause }) }
}`,
    );
    const shown = await traceback('await Promise.any([Promise.reject(new Error("first"))])');
    assertStringIncludes(shown, "AggregateError: All promises were rejected");
    assertStringIncludes(shown, "Error: first\n");
    assertStringIncludes(shown, "Cell [5], line 1");
  });

  await t.step("what is thrown and no error", async () => {
    assertEquals(await traceback('throw "text"'), "Error: text");
    assertEquals(await traceback("await Promise.reject(5)"), "Error: 5");
  });

  await t.step("an error of a module, which keeps its own address", async () => {
    const folder = await Deno.makeTempDir();
    const file = join(folder, "fails.ts");
    await Deno.writeTextFile(
      file,
      "type A = 1;\n\nexport function fail(): never {\n  throw 1 as A;\n}\nexport const bad = () => (undefined as unknown as A[]).at(0);\n",
    );
    const shown = await traceback(`import { bad } from ${JSON.stringify(file)};\n\nbad()`);
    assertStringIncludes(shown, `(file://${file}:6:`);
    assertStringIncludes(shown, "at Cell [8], line 3\n        bad()");
    await Deno.remove(folder, { recursive: true });
  });

  await t.step("console.trace, a logged error and error.stack", async () => {
    const { outputs } = await kernel.run(
      TYPES + 'console.trace("here");\nconsole.log(new Error("logged"));\n' +
        'console.log(new Error("kept").stack)',
    );
    const text = outputs.join("");
    assertStringIncludes(
      text,
      'Trace: here\n    at Cell [9], line 5\n        console.trace("here");',
    );
    assertStringIncludes(text, "Error: logged\n    at Cell [9], line 6\n");
    assertStringIncludes(text, "Error: kept\n    at Cell [9], line 7\n");
  });

  await t.step("errors that nobody awaits", async () => {
    const { outputs } = await kernel.run(
      TYPES + 'setTimeout(() => { throw new Error("late") }, 1);\n' +
        'void Promise.reject(new Error("lost"));\n' +
        "await new Promise((resolve) => setTimeout(resolve, 50));",
    );
    const text = outputs.join("");
    assertStringIncludes(text, "(Cell [10], line 5)\n        setTimeout(() => {");
    assertStringIncludes(text, "at Cell [10], line 6\n        void Promise.reject(");
    assert(!text.includes("_uncaught.ts") && !text.includes("ext:"), text);
  });

  await t.step("code in eval, and a cell that is not counted", async () => {
    assertStringIncludes(await traceback('(0, eval)("null.x")'), "at Cell [11], line 1");
    const { reply } = await kernel.run("\nnull.y", { store_history: false });
    assertStringIncludes((reply.traceback as string[]).join("\n"), "at Cell [*], line 2");
  });

  await t.step("an error whose name and message throw hides nothing", async () => {
    const { outputs } = await kernel.run(
      'const odd = new Error("x"); Object.defineProperty(odd, "name", { get() { throw 1 } });\n' +
        "typeof odd.stack",
    );
    assertEquals(outputs, ['result:"string"']);
  });

  await t.step("processes that a cell starts do not inherit the kernel's flags of V8", async () => {
    const { outputs } = await kernel.run('Deno.env.get("DENO_V8_FLAGS") ?? "none"');
    assertEquals(outputs, ['result:"none"']);
  });
});
