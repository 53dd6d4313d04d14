/** Cells that break other kernels: each is run in ours, and the next cell has to work. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pause, within } from "../_wait.ts";
import { STOP_MS, TestKernel } from "./_kernel.ts";

/** A loop without an end, and what it prints in front of it. */
const LOOP = 'console.log("It loops"); while (true);', LOOPS = "It loops\n";

Deno.test("cells that break kernels", async (t) => {
  await using kernel = await TestKernel.start();
  await kernel.run("var kept = 41");

  /** Nothing is lost and nothing hangs. */
  async function assertAlive(): Promise<void> {
    assertEquals((await kernel.run("kept + 1")).outputs, ["result:42"]);
  }

  const deep = {
    "800 nested brackets": ["[".repeat(800) + "]".repeat(800) + ".length", "1"],
    "8,000 nested brackets in a string": [
      `JSON.parse("[".repeat(8000) + "]".repeat(8000)).length`,
      "1",
    ],
    "a sum of 4,000 terms": [Array.from({ length: 4000 }, (_, i) => i).join("+"), "7998000"],
    "1,500 chained calls": [
      `const o = { m() { return this }, v: 7 }; o${".m()".repeat(1500)}.v`,
      "7",
    ],
    "500 nested functions": ["(() => ".repeat(500) + "5" + ")()".repeat(500), "5"],
    "400 nested ternaries that await": ["await (1 ? ".repeat(400) + "9" + " : 0)".repeat(400), "9"],
  } as const;
  for (const [name, [code, value]] of Object.entries(deep)) {
    await t.step(`${name} are evaluated`, async () => {
      const { status, outputs } = await kernel.run(code);
      assertEquals([status, ...outputs], ["ok", `result:${value}`]);
      for (const type of ["complete_request", "inspect_request"]) {
        await kernel.request(type, { code, cursor_pos: code.length, detail_level: 0 });
      }
      await kernel.request("is_complete_request", { code });
      await assertAlive();
    });
  }

  await t.step("errors that nobody awaits are shown, with the cell they come from", async () => {
    const { count } = await kernel.run(
      `setTimeout(() => { throw new Error("in a timer") }, 60);
       queueMicrotask(() => { throw new RangeError("in a microtask") });
       (async () => { await new Promise((done) => setTimeout(done, 60)); throw new Error("late") })();
       Promise.reject(new TypeError("lost"))`,
    );
    const from = kernel.published.length;
    await kernel.run("await new Promise((done) => setTimeout(done, 200))");
    const said = kernel.published.slice(from - 40).filter(({ header }) =>
      header.msg_type === "stream"
    ).map(({ content, parent }) => `${parent.msg_id} ${content.name} ${content.text}`);
    for (const text of ["in a timer", "in a microtask", "late", "lost"]) {
      const line = said.find((line) => line.includes(text));
      assertStringIncludes(line ?? text, `stderr In cell [${count}]: `);
    }
    assertEquals(new Set(said.map((line) => line.split(" ")[0])).size, 1, "Shown in one cell");
    await assertAlive();
  });

  await t.step("what a cell awaits is no unhandled rejection", async () => {
    const { outputs } = await kernel.run(`await Promise.reject(new Error("awaited"))`);
    assertEquals(outputs, ["error:Error: awaited"]);
    await pause(50);
    await assertAlive();
  });

  await t.step("a stopped cell's loops end without a word", async () => {
    const { outputs } = await kernel.runInterrupted(
      `(async () => { for (;;) await new Promise((done) => setTimeout(done, 10)) })();
       await new Promise(() => {})`,
    );
    assertEquals(outputs, ["error:KeyboardInterrupt: interrupted"]);
    const later = await kernel.run("await new Promise((done) => setTimeout(done, 50))");
    assertEquals(later.outputs, []);
  });

  await t.step("prompt, confirm and alert ask the user", async () => {
    const asked: string[] = [];
    kernel.onInput = (
      prompt,
    ) => (asked.push(prompt), prompt.startsWith("Sure") ? "y" : "ρ".repeat(5000));
    const { outputs } = await kernel.run(
      `alert("Look"); [prompt("Name", "x").length, confirm("Sure")]`,
      { allow_stdin: true },
    );
    assertEquals(outputs, ["result:[ 5000, true ]"]);
    assertEquals(asked, ["Look [Enter] ", "Name [x]", "Sure [y/N] "]);
    const refused = await kernel.run(`[prompt("Name"), confirm()]`, { allow_stdin: false });
    assertEquals(refused.outputs, ["result:[ null, false ]"]);
    kernel.onInput = undefined;
  });

  await t.step("prompt is interrupted, and its late answer goes to nobody", async () => {
    const content = { allow_stdin: true };
    const { outputs } = await kernel.runInterrupted(`prompt("Name")`, { content });
    assertEquals(outputs, ["error:KeyboardInterrupt: interrupted"]);
    kernel.onInput = () => "second";
    const next = await kernel.run(`prompt("Again")`, { allow_stdin: true });
    assertEquals(next.outputs, ['result:"second"']);
    kernel.onInput = undefined;
    await assertAlive();
  });

  await t.step("an endless loop behind an await stops", async () => {
    const { outputs } = await kernel.runInterrupted(
      `await new Promise((d) => setTimeout(d, 10)); ${LOOP}`,
      { said: LOOPS },
    );
    assertEquals(outputs, [`stream:${LOOPS}`, "error:KeyboardInterrupt: interrupted"]);
    await assertAlive();
  });

  for (
    const [name, code] of [
      ["in a timer", `void setTimeout(() => { ${LOOP} }, 0); await new Promise(() => {})`],
      ["in an interval", `void setInterval(() => { ${LOOP} }, 5); await new Promise(() => {})`],
      ["in a rejection's handler", `Promise.reject().catch(() => { ${LOOP} }); await 1`],
    ] as const
  ) {
    await t.step(
      `an endless loop ${name} of the cell that runs stops at one interrupt`,
      async () => {
        const { outputs } = await kernel.runInterrupted(code, { said: LOOPS });
        assertEquals(outputs, [`stream:${LOOPS}`, "error:KeyboardInterrupt: interrupted"]);
        await kernel.run("clearInterval(1); clearInterval(2); clearInterval(3)");
      },
    );
  }

  await t.step(
    "an endless loop in a timer of a cell that is over stops at one interrupt",
    async () => {
      await kernel.run(`void setTimeout(() => { console.log("late"); while (true); }, 20)`);
      await kernel.sees(({ content }) => content.text === "late\n");
      await kernel.interruptAfter(0);
      await within(assertAlive(), "the next cell", STOP_MS);
    },
  );

  await t.step("what a worker prints is shown, in front of its answer", async () => {
    const source = `const ready = import.meta.url.slice(0, 5) + location.protocol;
      onmessage = ({ data }: MessageEvent<string>) => {
        console.log("in the worker", { data });
        console.error("not well", ready);
        postMessage(data.toUpperCase());
      };`;
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(file, source);
    const { status, outputs } = await kernel.run(
      `{ const worker = new Worker(new URL("file://${file}"), { type: "module" });
         const messages = [];
         worker.addEventListener("message", ({ data }) => messages.push(data));
         const answered = new Promise((done) => worker.onmessage = done);
         worker.postMessage("hello");
         await answered;
         worker.terminate();
         console.log(messages); }`,
    );
    await Deno.remove(file);
    assertEquals([status, ...outputs], [
      "ok",
      'stream:in the worker { data: "hello" }\n',
      "stream:not well file:file:\n",
      'stream:[ "HELLO" ]\n',
    ]);
  });

  await t.step("user_expressions are evaluated", async () => {
    const { reply } = await kernel.run("let own = 2", {
      user_expressions: {
        sum: "kept + own",
        nothing: "null",
        awaited: "await Promise.resolve('later')",
        wrong: "missing.name",
        broken: "1 +",
      },
    });
    const { sum, nothing, awaited, wrong, broken } = reply.user_expressions as Record<
      string,
      Record<string, unknown>
    >;
    assertEquals(sum, { status: "ok", data: { "text/plain": "43" }, metadata: {} });
    assertEquals(nothing?.data, { "text/plain": "null" });
    assertEquals(awaited?.data, { "text/plain": '"later"' });
    assertEquals([wrong?.status, wrong?.ename], ["error", "ReferenceError"]);
    assertEquals(broken?.status, "error");
    await assertAlive();
  });

  await t.step("text in front of Deno.exit is seen", async () => {
    for (const exit of ["Deno.exit(3)", "process.exit(3)"]) {
      const { outputs } = await kernel.run(
        `for (let i = 0; i < 20_000; i++) console.log("x" + i); ${exit}`,
      );
      const text = outputs.filter((output) =>
        output.startsWith("stream:x") || /^stream:\d/.test(output)
      )
        .map((output) => output.replace("stream:", "")).join("");
      assertMatch(text, /\nx19999\n$/);
      assertEquals(text.split("\n").length, 20_001);
      assertStringIncludes(outputs.at(-1) ?? "", "KernelDied: The evaluator ended (exit code 3)");
    }
  });
});

Deno.test("cells replace what the kernel uses: outputs and the next cells come all the same", async () => {
  await using kernel = await TestKernel.start();
  for (
    const code of [
      "Deno.jupyter.broadcast = () => new Promise(() => {})",
      "Deno.jupyter.display = Deno.jupyter.format = undefined",
      "JSON.stringify = () => { throw new Error('no') }",
      "TextEncoder.prototype.encodeInto = TextEncoder.prototype.encode = () => ({ written: 9 })",
      "Atomics.wait = Atomics.load = Atomics.store = () => 'ok'",
      "globalThis.performance = undefined",
      "Promise.withResolvers = undefined",
      "setTimeout = () => {}",
      "console = { log: console.log }",
      "Date = undefined",
    ]
  ) {
    await kernel.run(code);
    const { status, outputs } = await kernel.run("console.log('still'); 6 * 7");
    assertEquals([status, ...outputs], ["ok", "stream:still\n", "result:42"], code);
  }
});
