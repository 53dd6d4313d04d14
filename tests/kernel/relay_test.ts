import { assertEquals, assertStringIncludes } from "@std/assert";
import { TestKernel } from "./_kernel.ts";

Deno.test("the kernel end to end, with Deno's own kernel behind it", async (t) => {
  await using kernel = await TestKernel.start();

  await t.step("the connection file is made readable by the owner only", () => {
    if (Deno.build.os === "windows") return;
    assertEquals((Deno.statSync(kernel.file).mode ?? 0) & 0o777, 0o600);
  });

  await t.step("prints, displays and the last value come in order, before idle", async () => {
    for (let i = 0; i < 30; i++) {
      const { outputs, status } = await kernel.run(`
        console.log("a${i}");
        await Deno.jupyter.display({ "text/plain": "b${i}" }, { raw: true });
        console.log("c${i}");
        [${i}]`);
      assertEquals(status, "ok");
      assertEquals(
        outputs,
        [`stream:a${i}\n`, `display:b${i}`, `stream:c${i}\n`, `result:[ ${i} ]`],
      );
    }
  });

  await t.step("a burst of 2,000 lines is complete", async () => {
    const { outputs } = await kernel.run("for (let i = 0; i < 2000; i++) console.log(i)");
    const text = outputs.map((output) => output.replace("stream:", "")).join("");
    assertEquals(text, Array.from({ length: 2000 }, (_, i) => `${i}\n`).join(""));
  });

  await t.step("an output of 16 MB is whole, a later one is behind it", async () => {
    const { outputs } = await kernel.run(
      `await Deno.jupyter.display({ "text/plain": "x".repeat(16 << 20) }, { raw: true });
      console.log("after")`,
    );
    assertEquals(outputs.map(({ length }) => length), [
      "display:".length + (16 << 20),
      "stream:after\n".length,
    ]);
  });

  await t.step("an output above the limit is replaced by a message", async () => {
    const { outputs, status } = await kernel.run(
      `await Deno.jupyter.display({ "text/plain": "x".repeat(129 << 20) }, { raw: true })`,
    );
    assertEquals(status, "ok");
    assertEquals(outputs, ["stream:Output left out: 129 MB, and the limit is 128 MB\n"]);
  });

  await t.step("values that Deno shows as nothing are shown", async () => {
    const values = ["NaN", "Infinity", "-Infinity", "null", "-0", "1n", "{ a: NaN }", '"text"'];
    for (const value of values) {
      assertEquals((await kernel.run(value)).outputs, [`result:${value}`]);
    }
    assertEquals((await kernel.run("undefined")).outputs, []);
    assertEquals((await kernel.run("let y = 1")).outputs, []);
  });

  await t.step("what a cell writes to standard output is shown", async () => {
    const { outputs } = await kernel.run(
      `Deno.stdout.writeSync(new TextEncoder().encode("written\\n"))`,
    );
    assertEquals(outputs, ["stream:written\n", "result:8"]);
  });

  await t.step("an error comes after the text in front of it", async () => {
    const { outputs, status } = await kernel.run('console.log("a"); throw new TypeError("no")');
    assertEquals([status, ...outputs], ["error", "stream:a\n", "error:TypeError: no"]);
  });

  await t.step("a syntax error has its text, line and column", async () => {
    const { outputs, status } = await kernel.run("let z = 1;\nlet = = 2");
    assertEquals(status, "error");
    assertStringIncludes(outputs.join(), "(line 2, column 7)");
  });

  await t.step("a module that is not there is named", async () => {
    const { outputs } = await kernel.run('import "./not_there.ts"');
    assertStringIncludes(outputs.join(), "not_there.ts");
  });

  await t.step("interrupts: ten in a row, variables intact, the next cell runs", async () => {
    await kernel.run("var kept = 41");
    const endless = [
      "while (true) {}",
      "for (;;) await new Promise((done) => setTimeout(done, 20))",
      `const { signal } = globalThis[Symbol.for("jupyter.interrupt")];
       await (async () => { while (!signal.aborted) await new Promise((done) => setTimeout(done, 20)) })()`,
      `for (;;) globalThis[Symbol.for("jupyter.interrupt")].poll()`,
      "await new Promise(() => {})",
    ];
    for (const code of [...endless, ...endless]) {
      const { outputs, status } = await kernel.runInterrupted(code, { after: 250 });
      assertEquals([status, ...outputs], ["error", "error:KeyboardInterrupt: interrupted"], code);
      assertEquals((await kernel.run("kept + 1")).outputs, ["result:42"]);
    }
  });

  await t.step("a loop in a function stops with its cell", async () => {
    await kernel.run("var steps = 0");
    await kernel.runInterrupted(`async function loop() {
      for (;;) { steps++; await new Promise((done) => setTimeout(done, 10)) }
    }
    await loop()`);
    const { outputs } = await kernel.run(
      "const then = steps; await new Promise((done) => setTimeout(done, 100)); steps - then < 2",
    );
    assertEquals(outputs, ["result:true"]);
  });

  await t.step("an interrupt while nothing runs does nothing", async () => {
    await kernel.interruptAfter(0);
    assertEquals((await kernel.run("kept")).outputs, ["result:41"]);
  });

  await t.step("history is the relay's own record", async () => {
    const { content } = await kernel.request("history_request", {
      hist_access_type: "search",
      pattern: "ke?t",
      output: true,
      unique: true,
    });
    assertEquals((content.history as unknown[][]).map((entry) => entry[2]), [["kept", "41"]]);
  });

  await t.step("inspection knows signatures, completion declared names", async () => {
    const question = { code: "Deno.cwd", cursor_pos: 8, detail_level: 0 };
    const { data } = await kernel.asks("inspect_request", question, ({ found }) => found === true);
    assertStringIncludes(JSON.stringify(data), "Deno.cwd(): string");
    const completed = await kernel.request("complete_request", { code: "kep", cursor_pos: 3 });
    assertEquals(completed.content.matches, ["kept"]);
  });

  await t.step("a message with a wrong signature is dropped", async () => {
    const content = { code: "kept = 0", silent: false };
    const frames = kernel.codec.encode({ header: kernel.codec.header("execute_request"), content });
    frames[1] = "0".repeat(64);
    kernel.sendRaw(frames);
    assertEquals((await kernel.run("kept")).outputs, ["result:41"]);
  });

  await t.step("a cell that ends the evaluator: told, and the next cell runs", async () => {
    const { outputs, status } = await kernel.run("Deno.exit(3)");
    assertEquals(status, "error");
    assertStringIncludes(outputs.join(), "KernelDied: The evaluator ended (exit code 3)");
    assertEquals((await kernel.run("typeof kept")).outputs, ['result:"undefined"']);
  });

  await t.step("shutdown leaves a log of what was dropped", async () => {
    assertStringIncludes(await kernel.shutdown(), "Dropped from shell: Message with a wrong sig");
  });
});
