import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { Codec, MessageError } from "../../../lib/kernel/wire/_message.ts";

const buffersOf = (frames: readonly (Uint8Array | string)[]) =>
  frames.map((frame) => Buffer.from(frame as string));

function encoded() {
  const codec = new Codec("key");
  const header = codec.header("comm_msg");
  const content = { text: "ρ" };
  const ids = [Buffer.from("client")], buffers = [new Uint8Array([0, 255])];
  return { header, frames: buffersOf(codec.encode({ ids, header, content, buffers })) };
}

Deno.test("a message survives, with its ids and buffers", () => {
  const { header, frames } = encoded();
  const message = new Codec("key").decode(frames);
  assertEquals(message.header, header);
  assertEquals(message.parent, {});
  assertEquals(message.content, { text: "ρ" });
  assertEquals(message.ids.map(String), ["client"]);
  assertEquals(message.buffers.map((buffer) => [...buffer]), [[0, 255]]);
});

Deno.test("the signature is HMAC-SHA256 over the four parts", () => {
  const { frames } = encoded();
  const hmac = createHmac("sha256", "key");
  for (const part of frames.slice(3, 7)) hmac.update(part);
  assertEquals(frames[2]?.toString(), hmac.digest("hex"));
});

Deno.test("what cannot be trusted is refused", () => {
  const { frames } = encoded();
  const codec = new Codec("key");
  const changed = frames.with(6, Buffer.from('{"text":"other"}'));
  assertThrows(() => codec.decode(changed), MessageError, "wrong signature");
  assertThrows(() => codec.decode(frames.with(2, Buffer.alloc(0))), MessageError, "wrong sig");
  assertThrows(() => new Codec("other").decode(frames), MessageError, "wrong signature");
  codec.decode(frames);
  assertThrows(() => codec.decode(frames), MessageError, "seen before");
});

Deno.test("what cannot be read is refused", () => {
  const unsigned = new Codec("");
  const { frames } = encoded();
  for (const broken of [[], frames.slice(0, 4), frames.with(3, Buffer.from("{"))]) {
    assertThrows(() => unsigned.decode(broken), MessageError);
  }
  assertThrows(() => unsigned.decode(frames.with(3, Buffer.from("{}"))), MessageError, "id");
  assertThrows(() => unsigned.decode(frames.with(4, Buffer.from("[]"))), MessageError, "object");
});

Deno.test("parent and metadata are told apart, and a parent without a type is none", () => {
  const codec = new Codec("key");
  const [header, parent] = [codec.header("a"), codec.header("b")];
  const sent = { header, parent, metadata: { msg_id: "no" }, content: {} };
  const decode = (draft: typeof sent) => new Codec("key").decode(buffersOf(codec.encode(draft)));
  const message = decode(sent);
  assertEquals([message.parent, message.metadata], [parent, { msg_id: "no" }]);
  assertEquals(decode({ ...sent, parent: { msg_id: "1" } as never }).parent, {});
});

Deno.test("all messages of a codec are of one session", () => {
  const codec = new Codec("key");
  const headers = [codec.header("status"), codec.header("stream")];
  assertEquals(new Set(headers.map(({ session }) => session)).size, 1);
  assertEquals(new Set(headers.map(({ msg_id }) => msg_id)).size, 2);
});

Deno.test("a message that is sent once more is refused after many others, too", () => {
  const sender = new Codec("key"), receiver = new Codec("key");
  const send = () => buffersOf(sender.encode({ header: sender.header("a"), content: {} }));
  const first = send();
  receiver.decode(first);
  for (let i = 0; i < 1000; i++) receiver.decode(send());
  assertThrows(() => receiver.decode(first), MessageError, "seen before");
});
