import { assertEquals, assertRejects } from "@std/assert";
import { decodeRpc, encodeRpc } from "../../../../lib/kernel/language/server/_rpc.ts";

async function* chunks(bytes: Uint8Array, size: number) {
  for (let i = 0; i < bytes.length; i += size) {
    yield await Promise.resolve(bytes.slice(i, i + size));
  }
}

Deno.test("rpc: messages survive, however they are cut", async () => {
  const messages = [{ id: 1, method: "a" }, { id: 2, result: "ρ🎈" }, { method: "b", params: [] }];
  const bytes = Uint8Array.from(messages.flatMap((message) => [...encodeRpc(message)]));
  for (const size of [1, 7, 1000]) {
    const read = await Array.fromAsync(decodeRpc(chunks(bytes, size)));
    assertEquals(read, messages.map((message) => ({ jsonrpc: "2.0", ...message })));
  }
});

Deno.test("rpc: what has no length or too much of it is refused", async () => {
  for (const head of ["Content-Length: 99999999999\r\n\r\n", "Length: 5\r\n\r\n"]) {
    const bytes = new TextEncoder().encode(head);
    await assertRejects(() => Array.fromAsync(decodeRpc(chunks(bytes, 100))), Error, "Cannot read");
  }
});
