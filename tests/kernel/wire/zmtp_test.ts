import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { Socket, type SocketType } from "../../../lib/kernel/wire/_zmtp_socket.ts";
import { PATIENCE_MS } from "../../_wait.ts";

/** A bound and a connected socket, closed at the end. */
async function withPair(
  [bound, connected]: readonly [SocketType, SocketType],
  body: (server: Socket, client: Socket) => Promise<void>,
): Promise<void> {
  const server = new Socket(bound), client = new Socket(connected);
  try {
    await client.connect("127.0.0.1", server.bind("127.0.0.1", 0));
    await body(server, client);
  } finally {
    client.close();
    server.close();
  }
}

async function next(socket: Socket): Promise<Buffer[]> {
  for await (const message of socket) return message;
  throw new Error("The socket was closed");
}

Deno.test("frames of every length arrive whole and in order", async () => {
  await withPair(["ROUTER", "DEALER"], async (router, dealer) => {
    const lengths = [0, 1, 255, 256, 65_535, 65_536, 3_000_000];
    const frames = lengths.map((length) => Buffer.alloc(length, length % 251));
    dealer.send(["first"]);
    router.judge((await next(router))[0], true);
    dealer.send(frames);
    dealer.send(["second"]);
    const [route, ...received] = await next(router);
    assertEquals(received.map((frame) => frame.length), lengths);
    assertEquals(received.every((frame, i) => frames[i]?.equals(frame)), true);
    assertEquals((await next(router))[1]?.toString(), "second");
    router.send([route ?? "", "answer"]);
    assertEquals(String(await next(dealer)), "answer");
  });
});

Deno.test("a router ignores receivers that are not there", async () => {
  await withPair(["ROUTER", "DEALER"], async (router, dealer) => {
    dealer.send(["hello"]);
    await next(router);
    router.send([Buffer.from("nobody"), "lost"]);
  });
});

Deno.test("a reply socket echoes", async () => {
  await withPair(["REP", "DEALER"], async (_, dealer) => {
    dealer.send(["", "ping"]);
    assertEquals((await next(dealer)).map(String), ["", "ping"]);
  });
});

Deno.test("subscribers get everything, in order", async () => {
  await withPair(["PUB", "SUB"], async (publisher, subscriber) => {
    const first = next(subscriber);
    const sending = setInterval(() => publisher.send(["warm-up"]), 10);
    await first;
    clearInterval(sending);
    for (let i = 0; i < 500; i++) publisher.send([`${i}`]);
    const received: string[] = [];
    while (received.length < 500) {
      const text = String(await next(subscriber));
      if (text !== "warm-up") received.push(text);
    }
    assertEquals(received, Array.from({ length: 500 }, (_, i) => `${i}`));
  });
});

Deno.test("what is not ZeroMQ is turned away, and the socket goes on", async () => {
  const router = new Socket("ROUTER");
  const port = router.bind("127.0.0.1", 0);
  const stranger = await Deno.connect({ hostname: "127.0.0.1", port });
  await stranger.write(new TextEncoder().encode("GET / HTTP/1.1\r\n".repeat(8)));
  while (await stranger.read(new Uint8Array(256)).catch(() => null) !== null);
  stranger.close();
  const dealer = new Socket("DEALER");
  await dealer.connect("127.0.0.1", port);
  dealer.send(["still there"]);
  assertEquals(String((await next(router))[1]), "still there");
  dealer.close();
  router.close();
});

/** A peer made by hand: a greeting, a READY with an identity, then what follows. */
async function rawPeer(port: number, type: string, identity: string, ...rest: number[][]) {
  const greeting = new Uint8Array(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3]);
  greeting.set(new TextEncoder().encode("NULL"), 12);
  const property = (name: string, value: string) => [
    name.length,
    ...new TextEncoder().encode(name),
    ...[0, 0, 0, value.length],
    ...new TextEncoder().encode(value),
  ];
  const body = [
    ...[5, ...new TextEncoder().encode("READY")],
    ...property("Socket-Type", type),
    ...property("Identity", identity),
  ];
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = [...greeting, 4, body.length, ...body, ...rest.flat()];
  await conn.write(Uint8Array.from(bytes));
  return conn;
}

/** Reads until a text has come. */
async function heard(conn: Deno.TcpConn, text: string): Promise<void> {
  const buffer = new Uint8Array(4096);
  const timer = setTimeout(() => conn.close(), PATIENCE_MS);
  for (let all = ""; !all.includes(text);) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`The connection ended with ${all}`);
    all += new TextDecoder().decode(buffer.subarray(0, count));
  }
  clearTimeout(timer);
}

Deno.test("a peer is known by the identity that it chose; commands are no messages", async () => {
  const router = new Socket("ROUTER");
  const port = router.bind("127.0.0.1", 0);
  const ping = [4, 5, 4, ...new TextEncoder().encode("PING")];
  const hello = [0, 2, ...new TextEncoder().encode("hi")];
  const conn = await rawPeer(port, "DEALER", "me", ping, hello);
  const [route, ...message] = await next(router);
  assertEquals([route?.subarray(8), ...message].map(String), ["me", "hi"]);
  router.send([route!, "answer"]);
  await heard(conn, "answer");
  conn.close();
  router.close();
});

Deno.test("subscribers that chose one identity all get everything", async () => {
  const publisher = new Socket("PUB");
  const port = publisher.bind("127.0.0.1", 0);
  const subscribers = [await rawPeer(port, "SUB", "same"), await rawPeer(port, "SUB", "same")];
  const sending = setInterval(() => publisher.send(["news"]), 10);
  for (const conn of subscribers) await heard(conn, "news");
  clearInterval(sending);
  for (const conn of subscribers) conn.close();
  publisher.close();
});

Deno.test("messages that are sent at once do not mix", async () => {
  await withPair(["ROUTER", "DEALER"], async (router, dealer) => {
    const frames = [1, 2, 3].map((value) => Buffer.alloc(5_000_000, value));
    dealer.send(["first"]);
    router.judge((await next(router))[0], true);
    for (const frame of frames) dealer.send(["", frame]);
    for (const frame of frames) assertEquals((await next(router))[2]?.equals(frame), true);
  });
});
