/** The relay's end of the side channel, with evaluators that do what the test says. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { EvaluatorOutput } from "../../../lib/kernel/evaluator/channel/_records.ts";
import { PIECE_HEAD, STDOUT } from "../../../lib/kernel/evaluator/channel/_records.ts";
import { SideChannel } from "../../../lib/kernel/evaluator/_side_channel.ts";
import { pause, until, within } from "../../_wait.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();
/** A connection of an evaluator: says things, and hears what comes. */
class End {
  readonly #conn: Deno.TcpConn;
  readonly #buffer = new Uint8Array(1024);

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect(channel: SideChannel, greeting: string): Promise<End> {
    const end = new End(await Deno.connect({ hostname: "127.0.0.1", port: channel.port }));
    await end.say(encoder.encode(greeting));
    return end;
  }

  async say(said: Uint8Array | string): Promise<void> {
    const bytes = typeof said === "string" ? encoder.encode(`${said}\n`) : said;
    for (let i = 0; i < bytes.length;) i += await this.#conn.write(bytes.subarray(i));
  }

  /** What is said; "" once the connection is closed. */
  async hear(): Promise<string> {
    const count = await within(this.#conn.read(this.#buffer).catch(() => null), "a word");
    return decoder.decode(this.#buffer.subarray(0, count ?? 0));
  }

  close(): void {
    this.#conn.close();
  }
}

/** A channel, what came over it, and a gate before which outputs wait. */
function channelWithGate() {
  const outputs: EvaluatorOutput[] = [];
  const gate = { open: Promise.resolve() };
  const channel = new SideChannel({
    onOutput: (output) => void outputs.push(output),
    whenRoom: () => gate.open,
  });
  const texts = () =>
    outputs.map((output) => output.type === "message" ? "" : output.text).join("");
  return { channel, texts, gate };
}

/** A piece of standard output. */
function piece(text: string): Buffer {
  const head = Buffer.alloc(PIECE_HEAD);
  head[0] = STDOUT;
  head.writeUInt32LE(text.length, 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** Whether a promise is settled that must not be: it would be by then. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), pause(100).then(() => false)]);
}

Deno.test("side channel: whoever knows the token hears interrupts, and answers pings", async () => {
  const { channel } = channelWithGate();
  channel.interrupt(12); // in front of the connection, as from a relay that is faster
  const end = await End.connect(channel, `${channel.token}c`);
  assertEquals(await end.hear(), "interrupt 12\n");
  channel.collect();
  assertEquals(await end.hear(), "collect\n");
  channel.type(3, "two\nlines");
  assertEquals(await end.hear(), 'typed 3 "two\\nlines"\n');
  const turning = channel.eventLoop(5000);
  assertEquals(await end.hear(), "ping 1 5000\n");
  await end.say("loop 1 turns");
  assertEquals(await turning, "turns");
  const late = channel.eventLoop(20, 10);
  assertEquals(await end.hear(), "ping 2 20\n");
  await end.say("loop 1 stands");
  assertEquals(await late, undefined, "an answer to another question");
  const polling = channel.eventLoop(5000);
  assertEquals(await end.hear(), "ping 3 5000\n");
  await end.say("loop 3 polls");
  assertEquals(await polling, "polls");
  end.close();
  channel.close();
});

Deno.test("side channel: a stranger is turned away, and a second evaluator too", async () => {
  const { channel, texts } = channelWithGate();
  const { port } = channel;
  const stranger = await End.connect(channel, "x".repeat(channel.token.length) + "c");
  assertEquals(await stranger.hear(), "");
  const control = await End.connect(channel, `${channel.token}c`);
  const outputs = await End.connect(channel, `${channel.token}o`);
  const isRefused = () =>
    Deno.connect({ hostname: "127.0.0.1", port }).then((conn) => (conn.close(), false), (error) => {
      assert(error instanceof Deno.errors.ConnectionRefused);
      return true;
    });
  await until(isRefused, "that nobody else may connect");
  channel.interrupt(1);
  assertEquals(await control.hear(), "interrupt 1\n");
  await outputs.say(piece("own"));
  await until(() => texts() === "own", "the outputs");
  for (const one of [stranger, control, outputs]) one.close();
  channel.close();
});

Deno.test("side channel: it is drained when all up to the evaluator's position was taken", async () => {
  const { channel, texts } = channelWithGate();
  const control = await End.connect(channel, `${channel.token}c`);
  const outputs = await End.connect(channel, `${channel.token}o`);
  const bytes = piece("a late text");
  const drained = channel.drained();
  assertEquals(await control.hear(), "drain 1\n");
  await outputs.say(bytes.subarray(0, 7));
  await control.say(`drained 1 ${bytes.length}`);
  assertEquals(await isSettled(drained), false);
  await outputs.say(bytes.subarray(7));
  await drained;
  assertEquals(texts(), "a late text");
  const another = channel.drained();
  assertEquals(await control.hear(), "drain 2\n");
  await control.say(`drained 2 ${bytes.length}`);
  await within(another, "the end, as nothing is missing");
  for (const one of [control, outputs]) one.close();
  channel.close();
});

Deno.test("side channel: while there is no room, nothing more is taken", async () => {
  const { channel, texts, gate } = channelWithGate();
  const room = Promise.withResolvers<void>();
  gate.open = room.promise;
  const outputs = await End.connect(channel, `${channel.token}o`);
  await outputs.say(piece("first"));
  await until(() => texts() === "first", "the first piece");
  await outputs.say(piece(" second"));
  await pause(100);
  assertEquals(texts(), "first");
  room.resolve();
  await until(() => texts() === "first second", "the second piece");
  outputs.close();
  channel.close();
});

Deno.test("side channel: what an evaluator put out before its end is taken, then it is exhausted", async () => {
  const { channel, texts, gate } = channelWithGate();
  const room = Promise.withResolvers<void>();
  gate.open = room.promise;
  const outputs = await End.connect(channel, `${channel.token}o`);
  await outputs.say(piece("last"));
  await until(() => texts() === "last", "the first piece");
  await outputs.say(piece(" words"));
  outputs.close();
  channel.closeUnlessConnected();
  const drained = channel.drained();
  assertEquals(await isSettled(channel.exhausted), false);
  room.resolve();
  await channel.exhausted;
  await drained;
  assertEquals(texts(), "last words");
  channel.close();
});

Deno.test("side channel: of an evaluator that never connected nothing will come", async () => {
  const { channel } = channelWithGate();
  channel.closeUnlessConnected();
  await channel.exhausted;
  await channel.drained();
});
