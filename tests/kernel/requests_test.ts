import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Message } from "../../lib/kernel/wire/_message.ts";
import { within } from "../_wait.ts";
import { TestKernel } from "./_kernel.ts";

const types = (outputs: readonly Message[]) =>
  outputs.map(({ header }) => header.msg_type).filter((type) => type !== "status");

const COMMS = 'globalThis[Symbol.for("jupyter.comms")]';

Deno.test("the kernel's answers to requests of every kind", async (t) => {
  await using kernel = await TestKernel.start();
  await kernel.run("/** The one that is kept. */ let keptAside = 41;");

  await t.step("a silent cell is not counted, shown or remembered", async () => {
    const code = "var silently = 1; silently";
    const silent = { code, silent: true, store_history: true };
    const { header, outputs } = await kernel.exchange("execute_request", silent);
    assertEquals([header.msg_type, types(outputs)], ["execute_request", []]);
    const { status, outputs: shown, count } = await kernel.run("silently");
    assertEquals([status, shown, count], ["ok", ["result:1"], 2]);
  });

  await t.step(
    "a cell that is not to be stored is shown, but neither counted nor kept",
    async () => {
      const unstored = { code: "'unstored'", silent: false, store_history: false };
      const { outputs } = await kernel.exchange("execute_request", unstored);
      assertEquals(types(outputs), ["execute_input", "execute_result"]);
      assertEquals((await kernel.run("1")).count, 3);
      const { content } = await kernel.request("history_request", { hist_access_type: "tail" });
      const inputs = (content.history as unknown[][]).map(([, number, input]) => [number, input]);
      assertEquals(inputs.slice(1), [[2, "silently"], [3, "1"]]);
    },
  );

  await t.step(
    "behind a cell that fails, waiting cells are not run unless it says so",
    async () => {
      const cell = (code: string, stop_on_error: boolean) =>
        kernel.request("execute_request", {
          code,
          silent: false,
          store_history: true,
          stop_on_error,
        });
      const statuses = async (stop: boolean) => {
        const replies = await within(
          Promise.all([
            cell("throw new Error('no')", stop),
            cell("1", stop),
            kernel.request("kernel_info_request", {}),
            cell("2", stop),
          ]),
          "the replies",
        );
        return replies.map(({ content }) => content.status);
      };
      assertEquals(await statuses(true), ["error", "aborted", "ok", "aborted"]);
      assertEquals(await statuses(false), ["error", "ok", "ok", "ok"]);
    },
  );

  await t.step(
    "what a comm's handler puts out is the comm's, what comes later its cell's",
    async () => {
      await kernel.run(`${COMMS}.register("target", () => {
        for (let i = 0; i < 20_000; i++) console.log(i, "${"x".repeat(60)}");
      })`);
      const open = { comm_id: "c", target_name: "target", data: {} };
      const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${"x".repeat(60)}\n`).join("");
      for (let i = 0; i < 8; i++) { // an output that is not waited for is late by chance
        const { outputs } = await kernel.exchange("comm_open", open);
        const text = outputs.map(({ content }) => content.text ?? "").join("");
        assert(text === lines, `${text.length} characters of ${lines.length}`);
      }
      const isOver = await Deno.makeTempFile(); // the comm's message, once it has this file removed
      const { header } = await kernel.exchange("execute_request", {
        code: `const looking = setInterval(() => {
          try {
            Deno.statSync(${JSON.stringify(isOver)});
          } catch {
            clearInterval(looking);
            console.log("later");
          }
        }, 20)`,
        silent: false,
        store_history: true,
      });
      await kernel.exchange("comm_msg", { comm_id: "c", data: {} });
      await Deno.remove(isOver);
      await within(
        kernel.sees(({ parent, content }) =>
          parent.msg_id === header.msg_id && content.text === "later\n"
        ),
        "what the timer prints",
      );
    },
  );

  await t.step("comms are told by target", async () => {
    const comms = async (content: Record<string, unknown>) =>
      (await kernel.request("comm_info_request", content)).content.comms;
    assertEquals(await comms({}), { c: { target_name: "target" } });
    assertEquals(await comms({ target_name: "target" }), { c: { target_name: "target" } });
    assertEquals(await comms({ target_name: "another" }), {});
  });

  await t.step("letters that are written in parts are whole", async () => {
    const { outputs } = await kernel.run(
      `for (const byte of new TextEncoder().encode("ρ\\n")) Deno.stdout.writeSync(new Uint8Array([byte]));
      undefined`,
    );
    // Where more than 10 ms lie between the two characters, they are two messages.
    assertEquals(outputs.map((output) => output.replace("stream:", "")).join(""), "ρ\n");
  });

  await t.step("what earlier cells declare is known; the cursor counts characters", async () => {
    const code = '"😀😀"; keptAside';
    const isFound = ({ found }: Record<string, unknown>) => found === true;
    const { data } = await kernel.asks("inspect_request", { code, cursor_pos: 6 }, isFound);
    assertStringIncludes(JSON.stringify(data), "The one that is kept.");
    const completed = await kernel.request("complete_request", {
      code: '"😀😀"; keptA',
      cursor_pos: 11,
    });
    const { matches, cursor_start: start, cursor_end: end } = completed.content;
    assertEquals([matches, start, end], [["keptAside"], 6, 11]);
  });

  await t.step("two quick interrupts keep the variables", async () => {
    const ended = kernel.runInterrupted("while (true) {}");
    await kernel.sees(({ content }) => content.code === "while (true) {}");
    await kernel.interruptAfter(150);
    const { outputs } = await ended;
    assertEquals(outputs, ["error:KeyboardInterrupt: interrupted"]);
    assertEquals((await kernel.run("keptAside")).outputs, ["result:41"]);
  });

  await t.step(
    "an evaluator that ends between cells is replaced; nothing of it is left",
    async () => {
      await kernel.run("setTimeout(() => Deno.exit(3), 20)");
      await within(
        kernel.sees(({ content }) => content.execution_state === "restarting"),
        "the restart",
      );
      assertEquals((await kernel.run("1 + 1")).outputs, ["result:2"]);
      assertEquals((await kernel.request("comm_info_request", {})).content.comms, {});
      const completed = await kernel.request("complete_request", { code: "keptA", cursor_pos: 5 });
      assertEquals(completed.content.matches, []);
    },
  );
});
