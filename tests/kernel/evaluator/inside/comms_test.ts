import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Comm,
  type CommMessage,
  createComms,
} from "../../../../lib/kernel/evaluator/inside/_comms.ts";

/** Comms with what they send to the front end. */
function connected() {
  const sent: [type: string, content: Record<string, unknown>, options: unknown][] = [];
  const made = createComms((type, content, options) => {
    sent.push([type, content, options]);
    return Promise.resolve();
  });
  const receive = (type: string, content: Record<string, unknown>, buffers: string[] = []) =>
    made.receive({ type, content: { comm_id: "1", ...content }, metadata: { m: 1 }, buffers });
  return { ...made, receive, sent };
}

Deno.test("comms: the front end opens, sends and closes", async () => {
  const { comms, receive } = connected();
  const seen: [string, CommMessage][] = [];
  let opened: Comm | undefined;
  comms.register("target", (comm, message) => {
    opened = comm;
    seen.push(["open", message]);
    comm.onMessage = (message) => seen.push(["message", message]);
    comm.onClose = (message) => seen.push(["close", message]);
  });
  await receive("comm_open", { target_name: "target", data: { a: 1 } });
  assertEquals([opened!.id, opened!.target, comms.all.size], ["1", "target", 1]);
  await receive("comm_msg", { data: { b: 2 } }, [new Uint8Array([0, 255]).toBase64()]);
  await receive("comm_close", {});
  assertEquals(seen, [
    ["open", { data: { a: 1 }, metadata: { m: 1 }, buffers: [] }],
    ["message", { data: { b: 2 }, metadata: { m: 1 }, buffers: [new Uint8Array([0, 255])] }],
    ["close", { data: {}, metadata: { m: 1 }, buffers: [] }],
  ]);
  assertEquals(comms.all.size, 0);
});

Deno.test("comms: a target that nobody registered is closed", async () => {
  const { comms, receive, sent } = connected();
  await receive("comm_open", { target_name: "nobody" });
  assertEquals(sent, [["comm_close", { comm_id: "1", data: {} }, { metadata: {}, buffers: [] }]]);
  assertEquals(comms.all.size, 0);
});

Deno.test("comms: a cell opens one with an id, metadata and buffers, and closes it once", async () => {
  const { comms, sent } = connected();
  const buffers = [new Uint8Array([1])];
  const comm = await comms.open("target", { a: 1 }, { id: "9", metadata: { v: 2 }, buffers });
  assertEquals(sent, [
    ["comm_open", { comm_id: "9", target_name: "target", data: { a: 1 } }, {
      metadata: { v: 2 },
      buffers,
    }],
  ]);
  assertEquals(comms.all.get("9"), comm);
  await comm.send({ b: 2 }, { buffers });
  await comm.close();
  await comm.close();
  assertEquals(sent.slice(1).map(([type, content]) => [type, content]), [
    ["comm_msg", { comm_id: "9", data: { b: 2 } }],
    ["comm_close", { comm_id: "9", data: {} }],
  ]);
});

Deno.test("comms: what a handler throws is shown", async () => {
  const { comms, receive, sent } = connected();
  comms.register("target", () => Promise.reject(new RangeError("no such page")));
  await receive("comm_open", { target_name: "target" });
  const [type, { name, text }] = sent[0]!;
  assertEquals([type, name], ["stream", "stderr"]);
  assertStringIncludes(String(text), "RangeError: no such page");
});
