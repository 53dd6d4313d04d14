/** The bounds of sockets: of peers that have not shown the key, and of those that do not read. */
import { assert, assertEquals } from "@std/assert";
import type { Buffer } from "node:buffer";
import { MAX_WAITING } from "../../../lib/kernel/wire/_outgoing.ts";
import { encodeFrames } from "../../../lib/kernel/wire/_zmtp_frames.ts";
import { Socket } from "../../../lib/kernel/wire/_zmtp_socket.ts";
import { PATIENCE_MS, pause } from "../../_wait.ts";
import { frameHead, RawPeer } from "../_raw_peer.ts";

/** The next message. */
async function next(socket: Socket): Promise<Buffer[]> {
  const late = setTimeout(() => socket.close(), PATIENCE_MS);
  try {
    for await (const message of socket) return message;
    throw new Error("No message has come");
  } finally {
    clearTimeout(late);
  }
}

/** Whether the socket has closed the connection where that must not be: it would have by then. */
const isClosed = async (peer: RawPeer) => (await peer.read(300)).closed;

Deno.test("strangers: a message has a bound, its frames' number too; of the trusted it is larger", async () => {
  const router = new Socket("ROUTER");
  const port = router.bind("127.0.0.1", 0);
  const big = await RawPeer.connect(port, "DEALER");
  await big.write(frameHead(2 ** 21));
  const many = await RawPeer.connect(port, "DEALER");
  await many.write(new Uint8Array(60_000).map((_, i) => i % 2 === 0 ? 1 : 0)).catch(() => {});
  assertEquals(await Promise.all([big.isLeft(), many.isLeft()]), [true, true]);
  const client = await RawPeer.connect(port, "DEALER");
  await client.write(encodeFrames(["hello"]));
  router.judge((await next(router))[0], true);
  await client.write(encodeFrames([new Uint8Array(2 ** 21)]));
  assertEquals((await next(router))[1]?.length, 2 ** 21);
  client.close();
  router.close();
});

Deno.test("strangers: who sends what is not signed has to go, a client stays", async () => {
  const router = new Socket("ROUTER");
  const port = router.bind("127.0.0.1", 0);
  const [stranger, client] = [
    await RawPeer.connect(port, "DEALER"),
    await RawPeer.connect(port, "DEALER"),
  ];
  await stranger.write(encodeFrames(["unsigned"]));
  router.judge((await next(router))[0], false);
  await client.write(encodeFrames(["signed"]));
  const [route] = await next(router);
  router.judge(route, true);
  router.judge(route, false);
  assertEquals([await stranger.isLeft(), await isClosed(client)], [true, false]);
  router.close();
});

Deno.test("strangers: of too many, one that has not said what it is has to go", async () => {
  const router = new Socket("ROUTER");
  const port = router.bind("127.0.0.1", 0);
  const crowd: RawPeer[] = [];
  for (let i = 0; i < 32; i++) {
    const peer = await RawPeer.connect(port, i === 1 ? undefined : "DEALER");
    crowd.push(peer);
    if (i === 1) continue;
    await peer.write(encodeFrames(["hello"]));
    await next(router); // it has said what it is
  }
  crowd.push(await RawPeer.connect(port, "DEALER"));
  assert(await crowd[1]!.isLeft());
  const others = await Promise.all([0, 31, 32].map((i) => isClosed(crowd[i]!)));
  assertEquals(others, [false, false, false]);
  for (const peer of crowd) peer.close();
  router.close();
});

Deno.test("strangers: of two that chose one identity, a question goes to the one with the key", async () => {
  const shell = new Socket("ROUTER"), stdin = new Socket("ROUTER");
  const client = await RawPeer.connect(shell.bind("127.0.0.1", 0), "DEALER", "me");
  const port = stdin.bind("127.0.0.1", 0);
  const thief = await RawPeer.connect(port, "DEALER", "me");
  await thief.write(encodeFrames(["first"]));
  await next(stdin);
  const own = await RawPeer.connect(port, "DEALER", "me");
  await own.write(encodeFrames(["signed"]));
  stdin.judge((await next(stdin))[0], true);
  await client.write(encodeFrames(["cell"]));
  const [route] = await next(shell);
  stdin.sendToSame([route!, "What is your name?"]);
  await own.hears("What is your name?");
  assert(!(await thief.read(300)).bytes.includes("What is your name?"));
  own.close();
  client.close();
  shell.close();
  stdin.close();
});

Deno.test("a subscriber that reads nothing leaves no room until it is gone", async () => {
  const publisher = new Socket("PUB");
  const port = publisher.bind("127.0.0.1", 0);
  const deaf = await RawPeer.connect(port, "SUB");
  const sending = setInterval(() => publisher.send(["news"]), 10);
  await deaf.hears("news");
  clearInterval(sending);
  assert(publisher.hasRoom());
  for (let i = 0; i < 5; i++) publisher.send([new Uint8Array(MAX_WAITING)]);
  await pause(100);
  assertEquals([publisher.hasRoom(), publisher.hasRoom(8 * MAX_WAITING)], [false, true]);
  let hasRoom = false;
  const room = publisher.whenRoom().then(() => hasRoom = true);
  await pause(100);
  assert(!hasRoom);
  deaf.close();
  await room;
  publisher.close();
});
