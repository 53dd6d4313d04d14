import { assertEquals } from "@std/assert";
import { RequestQueue } from "../../../lib/kernel/relay/_requests.ts";
import type { Message } from "../../../lib/kernel/wire/mod.ts";

const request = (msg_type: string) => ({ header: { msg_type } }) as unknown as Message;
const typeOf = (message?: Message) => message?.header.msg_type;

Deno.test("requests: in order, until the queue is closed", async () => {
  const queue = new RequestQueue();
  const first = queue.next();
  await queue.push(request("a_request"));
  await queue.push(request("b_request"));
  assertEquals([typeOf(await first), typeOf(await queue.next())], ["a_request", "b_request"]);
  const none = queue.next();
  queue.close();
  assertEquals(await none, undefined);
});

Deno.test("requests: cells are taken out, the others stay", async () => {
  const queue = new RequestQueue();
  for (const type of ["execute_request", "comm_msg", "execute_request"]) {
    await queue.push(request(type));
  }
  assertEquals((await queue.takeCells()).map(typeOf), ["execute_request", "execute_request"]);
  assertEquals(typeOf(await queue.next()), "comm_msg");
});

Deno.test("requests: help ends when anything but help waits", async () => {
  const queue = new RequestQueue();
  let isOver = false;
  void queue.whenWorkWaits().then(() => isOver = true);
  await queue.push(request("complete_request"));
  await Promise.resolve();
  assertEquals(isOver, false);
  await queue.push(request("comm_msg"));
  await queue.whenWorkWaits();
  assertEquals(isOver, true);
});
