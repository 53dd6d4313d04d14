import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import type { Draft, Header, Json, Message } from "../../lib/kernel/_message.ts";
import { Outputs } from "../../lib/kernel/_outputs.ts";

const headerOf = (msg_type: string, msg_id = "m"): Header => ({ msg_id, msg_type, session: "s" });

/** What a fake evaluator puts out. */
function message(type: string, content: Json): Message {
  const rawContent = Buffer.from(JSON.stringify(content));
  return {
    ids: [],
    header: headerOf(type),
    parent: {},
    metadata: {},
    content,
    rawContent,
    buffers: [],
  };
}

function recorded() {
  const seen: [parent: unknown, type: string, content: unknown][] = [];
  const whole: Draft[] = [];
  const read = (content: Draft["content"]) =>
    content instanceof Uint8Array ? JSON.parse(Buffer.from(content).toString()) : content;
  const outputs = new Outputs({
    publish(type, parent, content) {
      seen.push([parent.msg_id, type, read(content)]);
      return Promise.resolve();
    },
    broadcast(draft) {
      const { header, parent, content } = draft;
      whole.push(draft);
      seen.push([parent?.msg_id, header.msg_type, read(content)]);
      return Promise.resolve();
    },
  });
  outputs.parent = headerOf("execute_request", "cell");
  return { outputs, seen, whole };
}

const text = (name: string, text: string) => message("stream", { name, text });

Deno.test("streams are joined, and keep their place among displays", () => {
  const { outputs, seen } = recorded();
  outputs.receive(text("stdout", "a"));
  outputs.receive(text("stdout", "b"));
  outputs.receive(text("stderr", "c"));
  outputs.receive(message("display_data", { data: 1 }));
  outputs.receive(text("stdout", "d"));
  outputs.finish();
  assertEquals(seen, [
    ["cell", "stream", { name: "stdout", text: "ab" }],
    ["cell", "stream", { name: "stderr", text: "c" }],
    ["cell", "display_data", { data: 1 }],
    ["cell", "stream", { name: "stdout", text: "d" }],
  ]);
});

Deno.test("an error that overtook the text is put behind it", () => {
  const { outputs, seen } = recorded();
  outputs.holdErrors = true;
  outputs.receive(message("error", { ename: "E" }));
  outputs.receive(text("stdout", "late"));
  outputs.finish();
  assertEquals(seen, [
    ["cell", "stream", { name: "stdout", text: "late" }],
    ["cell", "error", { ename: "E" }],
  ]);
});

Deno.test("errors of a terminated cell are dropped", () => {
  const { outputs, seen } = recorded();
  outputs.holdErrors = true;
  outputs.receive(message("error", { ename: "E" }));
  outputs.finish({ withErrors: false });
  outputs.finish();
  assertEquals(seen, []);
});

Deno.test("status and input of the evaluator are not passed on, results get our number", () => {
  const { outputs, seen } = recorded();
  outputs.count = 12;
  outputs.receive(message("status", { execution_state: "idle" }));
  outputs.receive(message("execute_input", { code: "" }));
  outputs.receive(
    message("execute_result", { execution_count: 1, data: { "text/plain": "x" } }),
  );
  assertEquals(seen, [
    ["cell", "execute_result", { execution_count: 12, data: { "text/plain": "x" } }],
  ]);
  assertEquals(outputs.lastResult, "x");
});

Deno.test("open comms are known", () => {
  const { outputs } = recorded();
  outputs.receive(message("comm_open", { comm_id: "1", target_name: "t" }));
  assertEquals([...outputs.comms], [["1", "t"]]);
  outputs.receive(message("comm_close", { comm_id: "1" }));
  assertEquals(outputs.comms.size, 0);
});

Deno.test("outputs keep their metadata and buffers; the relay's own answers are not passed on", () => {
  const { outputs, seen, whole } = recorded();
  const buffers = [Buffer.from([1])], metadata = { m: 1 };
  outputs.receive({ ...message("display_data", { data: 1 }), buffers, metadata });
  outputs.receive(message("relay_answer", { id: "1", value: true }));
  assertEquals(seen, [["cell", "display_data", { data: 1 }]]);
  assertEquals([whole[0]!.buffers, whole[0]!.metadata], [buffers, metadata]);
});

Deno.test("an output that comes by a file is passed on from there, results get our number", () => {
  const { outputs, seen, whole } = recorded();
  outputs.count = 3;
  for (const type of ["display_data", "execute_result"]) {
    const path = Deno.makeTempFileSync();
    const content = { execution_count: 1, data: { "text/plain": "big" } };
    Deno.writeTextFileSync(path, JSON.stringify(content));
    const buffers = [Buffer.from([7])];
    outputs.receive({ ...message("relay_file", { path, msg_type: type }), buffers });
    assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
  }
  assertEquals(seen, [
    ["cell", "display_data", { execution_count: 1, data: { "text/plain": "big" } }],
    ["cell", "execute_result", { execution_count: 3, data: { "text/plain": "big" } }],
  ]);
  assertEquals(whole.map(({ buffers }) => buffers?.length), [1, 1]);
});

Deno.test("text that is not followed by anything is sent after a moment", async () => {
  const { outputs, seen } = recorded();
  outputs.receive(text("stdout", "a"));
  assertEquals(seen, []);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(seen, [["cell", "stream", { name: "stdout", text: "a" }]]);
});
