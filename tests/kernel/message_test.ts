import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { Codec, MessageError } from "../../lib/kernel/_message.ts";

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
