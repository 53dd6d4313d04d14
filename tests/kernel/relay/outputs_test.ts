import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { Draft, Header, Json } from "../../../lib/kernel/wire/_message.ts";
import { OpenComms } from "../../../lib/kernel/relay/_comms.ts";
import { Outputs } from "../../../lib/kernel/relay/_outputs.ts";
import type { EvaluatorOutput } from "../../../lib/kernel/evaluator/channel/_records.ts";

const headerOf = (msg_type: string, msg_id = "m"): Header => ({ msg_id, msg_type, session: "s" });

/** What a fake evaluator puts out. */
function message(type: string, content: Json): EvaluatorOutput {
  const bytes = Buffer.from(JSON.stringify(content));
  const head = { type, metadata: {}, sizes: [bytes.length] };
  return { type: "message", head, content: bytes, buffers: [] };
}

function recorded() {
  const seen: [parent: unknown, type: string, content: unknown][] = [];
  const whole: Pick<Draft, "metadata" | "buffers">[] = [];
  const read = (content: Draft["content"]) =>
    content instanceof Uint8Array ? JSON.parse(Buffer.from(content).toString()) : content;
  const comms = new OpenComms();
  const outputs = new Outputs({
    publish(type, parent, content, rest = {}) {
      seen.push([parent.msg_id, type, read(content)]);
      whole.push(rest);
    },
  }, comms);
  const cell = outputs.begin(headerOf("execute_request", "cell"), { counted: true });
  return { outputs, cell, comms, seen, whole };
}

const text = (type: "stdout" | "stderr", text: string): EvaluatorOutput => ({ type, text });

Deno.test("streams are joined, and keep their place among displays", () => {
  const { outputs, seen } = recorded();
  outputs.receive(text("stdout", "a"));
  outputs.receive(text("stdout", "b"));
  outputs.receive(text("stderr", "c"));
  outputs.receive(message("display_data", { data: 1 }));
  outputs.receive(text("stdout", "d"));
  outputs.flush();
  assertEquals(seen, [
    ["cell", "stream", { name: "stdout", text: "ab" }],
    ["cell", "stream", { name: "stderr", text: "c" }],
    ["cell", "display_data", { data: 1 }],
    ["cell", "stream", { name: "stdout", text: "d" }],
  ]);
});

Deno.test("text between two cells belongs to the first", () => {
  const { outputs, seen } = recorded();
  outputs.receive(text("stdout", "late"));
  outputs.begin(headerOf("execute_request", "next"));
  outputs.receive(text("stdout", "own"));
  outputs.flush();
  assertEquals(seen.map(([parent]) => parent), ["cell", "next"]);
});

Deno.test("an error that nobody awaits is shown in the cell it comes from", () => {
  const { outputs, seen } = recorded();
  outputs.begin(headerOf("execute_request", "second"), { counted: true });
  outputs.begin(headerOf("execute_request", "third"), { counted: true });
  outputs.receive(message("relay_uncaught", { cell: 2, text: "Error: late\n" }));
  outputs.receive(message("relay_uncaught", { cell: 99, text: "Error: whose\n" }));
  assertEquals(seen, [
    ["second", "stream", { name: "stderr", text: "In cell [2]: Error: late\n" }],
    ["third", "stream", { name: "stderr", text: "Error: whose\n" }],
  ]);
});

Deno.test("status and input of the evaluator are not passed on, results get our number", () => {
  const { outputs, cell, seen } = recorded();
  outputs.receive(message("status", { execution_state: "idle" }));
  outputs.receive(message("execute_input", { code: "" }));
  outputs.receive(
    message("execute_result", { execution_count: 12, data: { "text/plain": "x" } }),
  );
  assertEquals(seen, [
    ["cell", "execute_result", { execution_count: 1, data: { "text/plain": "x" } }],
  ]);
  assertEquals(cell.result, "x");
  const next = outputs.begin(headerOf("execute_request", "next"));
  assertEquals([next.number, next.count, next.result], [2, 1, undefined]);
});

Deno.test("open comms are known", () => {
  const { outputs, comms } = recorded();
  outputs.receive(message("comm_open", { comm_id: "1", target_name: "t" }));
  assertEquals(comms.info({}).comms, { "1": { target_name: "t" } });
  outputs.receive(message("comm_close", { comm_id: "1" }));
  assertEquals(comms.info({}).comms, {});
});

Deno.test("outputs keep their metadata and buffers", () => {
  const { outputs, seen, whole } = recorded();
  const buffers = [Buffer.from([1])], metadata = { m: 1 };
  const content = Buffer.from('{"data":1}');
  const head = { type: "display_data", metadata, sizes: [content.length, 1] };
  outputs.receive({ type: "message", head, content, buffers });
  assertEquals(seen, [["cell", "display_data", { data: 1 }]]);
  assertEquals(whole, [{ metadata, buffers }]);
});

Deno.test("text that is not followed by anything is sent after a moment", async () => {
  const { outputs, seen } = recorded();
  outputs.receive(text("stdout", "a"));
  assertEquals(seen, []);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(seen, [["cell", "stream", { name: "stdout", text: "a" }]]);
});

Deno.test("behind a message for a comm, outputs belong to the cell before again", () => {
  const { outputs, seen } = recorded();
  const comm = outputs.begin(headerOf("comm_msg", "comm"), { passing: true });
  outputs.receive(text("stdout", "handler"));
  comm.end();
  outputs.receive(text("stdout", "timer"));
  outputs.flush();
  assertEquals(seen.map(([parent]) => parent), ["comm", "cell"]);
});
