/** Help and type errors from the kernel with Deno's own language server behind it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { Json, Message } from "../../../lib/kernel/wire/mod.ts";
import { testUnless } from "../../_skip.ts";
import { pause } from "../../_wait.ts";
import { TestKernel } from "../_kernel.ts";
import { languageServersOf, missingProc } from "../_processes.ts";

const TYPES = { env: { DENO_KERNEL_TYPE_ERRORS: "warnings" } };

async function hover(kernel: TestKernel, code: string, cursor_pos = code.length): Promise<string> {
  const question = { code, cursor_pos, detail_level: 0 };
  const { data } = await kernel.asks("inspect_request", question, ({ found }) => found === true);
  return String((data as Record<string, unknown>)["text/markdown"]);
}

async function warningOf(kernel: TestKernel, code: string): Promise<string> {
  const { outputs, header } = await kernel.exchange("execute_request", { code, silent: false });
  const own = ({ header: { msg_type }, parent, content }: Message) =>
    parent.msg_id === header.msg_id && msg_type === "stream" && content.name === "stderr";
  await kernel.sees(own);
  assert(outputs.every(({ content }) => content.ename === undefined), "It runs anyway");
  return String(kernel.published.find(own)?.content.text);
}

Deno.test("help: a notebook folders below its deno.json knows the types of what that names", async () => {
  const project = await Deno.makeTempDir();
  const folder = join(project, "one", "two");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(project, "deno.json"), '{ "imports": { "mine": "./mine.ts" } }');
  await Deno.writeTextFile(join(project, "mine.ts"), "export const far = { away: 1 };");
  await Deno.writeTextFile(join(folder, "near.ts"), "export const near = { by: 'text' };");
  {
    await using kernel = await TestKernel.start({ ...TYPES, cwd: folder });
    await kernel.run('import { far } from "mine"; import { near } from "./near.ts";');
    assertStringIncludes(await hover(kernel, "far.away"), "away: number");
    assertStringIncludes(await hover(kernel, "near.by"), "by: string");
  }
  await Deno.remove(project, { recursive: true });
});

Deno.test("help: types and documentation", async (t) => {
  await using kernel = await TestKernel.start(TYPES);
  await kernel.run('import * as tf from "@tensorflow/tfjs"; import { optim } from "sam";');
  await kernel.run(
    `/** How far it climbs.\n * @param norm of the gradient */\n` +
      "function climb(norm: number, rho = 0.05): number { return norm * rho }\n" +
      "let first = { width: 5, names: ['a'] };",
  );

  await t.step("hover on a function of a package", async () => {
    const text = await hover(kernel, "tf.add(1, 2)", 5);
    assertStringIncludes(text, "tf.Tensor");
    assertStringIncludes(text, "element-wise");
  });

  await t.step("hover on a variable of an earlier cell", async () => {
    const text = await hover(kernel, "first");
    assertMatch(text, /let first: \{\s*width: number;\s*names: string\[\];\s*\}/);
  });

  await t.step("hover on one's own JSDoc", async () => {
    const text = await hover(kernel, "const ρ = '🎈'; climb", 18);
    assertStringIncludes(text, "function climb(norm: number, rho?: number): number");
    assertStringIncludes(text, "How far it climbs.");
  });

  await t.step("hover on an import of the cell that is being written", async () => {
    const text = await hover(kernel, 'const a = 1;\nimport { optim } from "sam";', 23);
    assertStringIncludes(text, "optim");
  });

  await t.step("within a call's brackets, the signature", async () => {
    assertStringIncludes(
      await hover(kernel, "climb("),
      "climb(norm: number, rho?: number): number",
    );
    assertStringIncludes(await hover(kernel, "climb(1, "), "climb(norm: number");
  });

  await t.step("completion: packages, project, earlier cells, run-time values", async () => {
    // Who types waits for names for 3 s, in which a loaded machine's server has not found them.
    const complete = async (code: string, name: string) => {
      const question = { code, cursor_pos: [...code].length };
      const fits = ({ matches }: Json) => String(matches).includes(name);
      return (await kernel.asks("complete_request", question, fits)).matches as string[];
    };
    const unknown = 'import * as other from "@tensorflow/tfjs";\nother.matM';
    assertEquals(await complete(unknown, "matMul"), ["matMul"], "a package's, not yet imported");
    assert((await complete("optim.sa", "sam")).includes("sam"), "the project's");
    assert((await complete("first.wid", "width")).includes("width"), "an earlier variable's");
    await kernel.run("globalThis.onlyNow = { hidden: 1 }");
    await complete("onlyNow.hid", "hidden"); // a run-time value's
    await kernel.run("const größe = 1, ünïcødé = { läge: 1 };");
    assertEquals(
      await complete("größ", "größe"),
      ["größe"],
      "not those that begin with the last letters",
    );
    assertEquals(await complete("'🎈'; ünïcødé.lä", "läge"), ["läge"]);
  });

  await t.step(
    "a cell that asks about a name shows what is known of it, and is no code",
    async () => {
      for (const code of ["climb?", "? climb", "climb??"]) {
        const { status, reply, outputs } = await kernel.run(code);
        const [page, ...more] = reply.payload as Json[];
        assertEquals([status, outputs, more, page?.source, page?.start], ["ok", [], [], "page", 0]);
        const data = page?.data as Json;
        assertStringIncludes(String(data["text/plain"]), "function climb(norm: number");
        assertStringIncludes(String(data["text/markdown"]), "How far it climbs.");
      }
      const { reply } = await kernel.run("nowhere?");
      const [page] = reply.payload as Json[];
      assertEquals(page?.data, { "text/plain": "Nothing is known of nowhere" });
      assertStringIncludes(await hover(kernel, "climb"), "function climb(");
    },
  );

  await t.step("a type is shown beside a completion", async () => {
    const typed = ({ metadata }: Json) =>
      (metadata as Record<string, Json[]>)._jupyter_types_experimental?.find(({ text }) =>
        text === "climb"
      );
    const question = { code: "cli", cursor_pos: 3 };
    const isTyped = (content: Json) => typed(content) !== undefined;
    assertEquals(typed(await kernel.asks("complete_request", question, isTyped)), {
      text: "climb",
      type: "function",
      start: 0,
      end: 3,
    });
  });
});

Deno.test("type errors", async (t) => {
  await using kernel = await TestKernel.start(TYPES);

  await t.step("are shown under the cell, which runs", async () => {
    const text = await warningOf(kernel, 'let width = 5;\nconst x: number = "a";');
    assertEquals(
      text,
      "Type error: Type 'string' is not assignable to type 'number'. (line 2, column 7)\n\n" +
        '  2 | const x: number = "a";\n' +
        "    |       ^\n",
    );
  });

  await t.step("know earlier cells, which may be declared again", async () => {
    await kernel.run("let width = 'wide'; export const again = 1");
    assertStringIncludes(
      await warningOf(kernel, "const again: string = 'b'; width * 2"),
      "left-hand side of an arithmetic operation must be of type 'any', 'number'",
    );
  });

  await t.step("what cells may have is none", async () => {
    const from = kernel.published.length;
    await kernel.run(
      `import { optim } from "sam"; const sloppy = (a) => a;
       await Deno.jupyter.display(Deno.jupyter.md\`a\`); export {}; for await (const i of [1]) i;`,
    );
    await kernel.run("let width = 1; let later = sloppy(width);");
    const last = await warningOf(kernel, "const behind: number = 'them';"); // cells go in order
    const texts = kernel.published.slice(from).filter(({ header }) => header.msg_type === "stream");
    assertEquals(texts.map(({ content }) => content.text), [last]);
  });

  await t.step("silent and as errors, where a cell says so", async () => {
    const from = kernel.published.length;
    await kernel.run("// type errors: silent\nconst y: number = 'a'");
    await pause(1500);
    const said = kernel.published.slice(from).filter(({ header }) => header.msg_type === "stream");
    assertEquals(said, []);
    const { status, outputs } = await kernel.run(
      "// type errors: errors\nglobalThis.ran = true; const z: number = 'b'",
    );
    assertEquals(status, "error");
    assertStringIncludes(outputs.join(), "error:TypeCheckError: Type error: Type 'string' is not");
    assertEquals((await kernel.run("'ran' in globalThis")).outputs, ["result:false"]);
    assertEquals((await kernel.run("1 + 1")).outputs, ["result:2"]);
  });
});

testUnless(
  missingProc,
  "the language server is killed: cells go on, and it comes back",
  async () => {
    await using kernel = await TestKernel.start(TYPES);
    await kernel.run("let kept = 41");
    await hover(kernel, "kept");
    const [server] = languageServersOf(kernel.process.pid);
    Deno.kill(server!, "SIGKILL");
    assertEquals((await kernel.run("kept + 1")).outputs, ["result:42"]);
    await kernel.request("inspect_request", { code: "kept", cursor_pos: 4, detail_level: 0 });
    assertStringIncludes(await hover(kernel, "kept"), "let kept: number");
    assert(!languageServersOf(kernel.process.pid).includes(server!));
  },
);

Deno.test("no cell waits for help, and help waits for the server's start", async () => {
  await using kernel = await TestKernel.start(TYPES);
  await kernel.run("1");
  const asked = kernel.request("inspect_request", { code: "Deno", cursor_pos: 4, detail_level: 0 });
  assertEquals((await kernel.run("1 + 1")).outputs, ["result:2"]);
  const { content, parent } = await asked;
  assertEquals([content.status, content.found], ["ok", true]);
  await kernel.sees((message) =>
    message.parent.msg_id === parent.msg_id && message.content.execution_state === "idle"
  );
});

Deno.test("help that comes while a cell runs leaves the kernel busy", async () => {
  await using kernel = await TestKernel.start();
  const asked = kernel.request("inspect_request", { code: "Deno", cursor_pos: 4, detail_level: 0 });
  const running = kernel.run("for (;;) await new Promise((resolve) => setTimeout(resolve, 10))");
  const { parent } = await asked;
  const isIdle = ({ parent: { msg_id }, content }: Message) =>
    msg_id === parent.msg_id && content.execution_state === "idle";
  await kernel.sees(isIdle);
  const idle = kernel.published.findIndex(isIdle);
  await kernel.sees((message) =>
    kernel.published.indexOf(message) > idle && message.content.execution_state === "busy"
  );
  await kernel.interruptAfter(0);
  assertEquals((await running).status, "error");
});
