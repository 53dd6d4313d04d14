/**
 * What the Jupyter extension of VS Code sends, replayed with the fields that it sends: its own
 * client (`@jupyterlab/services`) opens one session per connection, asks for the kernel's info on
 * both channels, and sends its hidden cells silently.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Socket } from "../../lib/kernel/wire/_zmtp_socket.ts";
import { Codec, type Message } from "../../lib/kernel/wire/_message.ts";
import { until } from "../_wait.ts";
import { TestKernel } from "./_kernel.ts";

/** Another window on the same kernel: its own connections and session. */
function openWindow(kernel: TestKernel) {
  const { key }: { key: string } = JSON.parse(Deno.readTextFileSync(kernel.file));
  const codec = new Codec(key);
  const identity = crypto.randomUUID();
  const shell = new Socket("DEALER", identity), iopub = new Socket("SUB");
  void shell.connect("127.0.0.1", kernel.ports.shell);
  void iopub.connect("127.0.0.1", kernel.ports.iopub);
  const published: Message[] = [];
  void (async () => {
    for await (const frames of iopub) published.push(codec.decode(frames));
  })();
  return {
    published,
    async request(type: string, content: Message["content"]): Promise<Message> {
      const header = codec.header(type);
      shell.send(codec.encode({ header, content }));
      for await (const frames of shell) {
        const reply = codec.decode(frames);
        if (reply.parent.msg_id === header.msg_id) return reply;
      }
      throw new Error("The kernel has closed the connection");
    },
    close: () => [shell, iopub].forEach((socket) => socket.close()),
  };
}

Deno.test("VS Code's requests, replayed", async (t) => {
  await using kernel = await TestKernel.start();
  const execute = (code: string, more = {}) => ({
    code,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: true,
    stop_on_error: true,
    ...more,
  });

  await t.step("kernel_info on both channels: TypeScript, and no debugger", async () => {
    for (const channel of ["shell", "control"] as const) {
      const { content } = await kernel.request("kernel_info_request", {}, channel);
      assertEquals(content.status, "ok");
      assertEquals((content.language_info as Record<string, string>).name, "typescript");
      assertEquals(content.supported_features, []);
    }
  });

  await t.step("comm_info for widgets, before any is there", async () => {
    const { content } = await kernel.request("comm_info_request", {
      target_name: "jupyter.widget",
    });
    assertEquals(content, { status: "ok", comms: {} });
  });

  await t.step("a silent cell with user_expressions, as for hidden variables", async () => {
    const { content } = await kernel.request(
      "execute_request",
      execute("var hidden = 20", {
        silent: true,
        store_history: false,
        user_expressions: { twice: "hidden * 2", bad: "nothing.there" },
      }),
    );
    const expressions = content.user_expressions as Record<string, Record<string, unknown>>;
    assertEquals(expressions.twice!.data, { "text/plain": "40" });
    assertEquals([expressions.bad!.status, expressions.bad!.ename], ["error", "ReferenceError"]);
    assertEquals((await kernel.run("hidden")).count, 1);
  });

  await t.step("a cell that is not stored, with what VS Code puts into the metadata", async () => {
    const { content } = await kernel.request(
      "execute_request",
      execute("hidden + 1", { store_history: false }),
    );
    assertEquals(content.status, "ok");
    assertEquals((await kernel.run("hidden")).count, 2);
  });

  await t.step("completion in the middle of a line, and of what is not there", async () => {
    const code = "const x = Deno.jupy;";
    const { content } = await kernel.request("complete_request", {
      code,
      cursor_pos: code.length - 1,
    });
    assert((content.matches as string[]).some((match) => match.endsWith("jupyter")));
    const none = await kernel.request("complete_request", { code: "", cursor_pos: 0 });
    assertEquals(none.content.status, "ok");
  });

  await t.step("inspection with both levels of detail", async () => {
    for (const detail_level of [0, 1]) {
      const { content } = await kernel.request("inspect_request", {
        code: "hidden",
        cursor_pos: 3,
        detail_level,
      });
      assertEquals(content.status, "ok");
      assertEquals(typeof content.found, "boolean");
    }
  });

  await t.step("is_complete and history", async () => {
    const status = async (code: string) =>
      (await kernel.request("is_complete_request", { code })).content.status;
    assertEquals([await status("1"), await status("if (1) {"), await status(")")], [
      "complete",
      "incomplete",
      "invalid",
    ]);
    const { content } = await kernel.request("history_request", {
      output: false,
      raw: true,
      hist_access_type: "tail",
      n: 500,
    });
    assertEquals((content.history as unknown[][]).map(([, , input]) => input), [
      "hidden",
      "hidden",
    ]);
  });

  await t.step("debug_request is refused, in the protocol's own words", async () => {
    const { content } = await kernel.request("debug_request", {
      type: "request",
      seq: 1,
      command: "debugInfo",
    }, "control");
    assertEquals([content.type, content.request_seq, content.success, content.command], [
      "response",
      1,
      false,
      "debugInfo",
    ]);
    assertStringIncludes(String(content.message), "no debugger");
  });

  await t.step("two windows: each has its own replies, both see all outputs", async () => {
    const window = openWindow(kernel);
    await window.request("kernel_info_request", {});
    const [own, other] = await Promise.all([
      kernel.run("console.log('from one'); 1"),
      window.request("execute_request", execute("console.log('from two'); hidden")),
    ]);
    assertEquals(own.outputs, ["stream:from one\n", "result:1"]);
    assertEquals(other.content.status, "ok");
    const sees = (messages: readonly Message[], text: string) =>
      messages.some(({ content }) => content.text === text);
    await kernel.sees(({ content }) => content.text === "from two\n");
    await until(() => sees(window.published, "from two\n"), "its output in the other window");
    assert(sees(window.published, "from one\n"));
    window.close();
    assertEquals((await kernel.run("hidden")).status, "ok");
  });

  await t.step("an interrupt by message", async () => {
    const { outputs } = await kernel.runInterrupted("await new Promise(() => {})");
    assertEquals(outputs, ["error:KeyboardInterrupt: interrupted"]);
  });

  await t.step("a shutdown for a restart is answered, and the process ends", async () => {
    const { content } = await kernel.request("shutdown_request", { restart: true }, "control");
    assertEquals(content, { status: "ok", restart: true });
    assertEquals((await kernel.process.status).code, 0);
  });
});
