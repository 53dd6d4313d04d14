import { assert, assertEquals } from "@std/assert";
import { SideChannel } from "../../lib/kernel/_side_channel.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** An evaluator's end: says a line, and reads what comes within a moment. */
class End {
  readonly #conn: Deno.TcpConn;
  readonly #buffer = new Uint8Array(1024);

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect(channel: SideChannel, token: string): Promise<End> {
    const end = new End(await Deno.connect({ hostname: "127.0.0.1", port: channel.port }));
    await end.say(token);
    await new Promise((resolve) => setTimeout(resolve, 200)); // until it was looked at
    return end;
  }

  async say(line: string): Promise<void> {
    await this.#conn.write(encoder.encode(`${line}\n`));
  }

  /** What is said within two seconds; "" once the connection is closed. */
  async hear(): Promise<string | undefined> {
    const { promise: silence, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), 2000);
    const heard = this.#conn.read(this.#buffer).catch(() => null)
      .then((count) => decoder.decode(this.#buffer.subarray(0, count ?? 0)));
    try {
      return await Promise.race([heard, silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#conn.close();
  }
}

Deno.test("side channel: whoever knows the token hears interrupts, and answers pings", async () => {
  const channel = new SideChannel();
  const end = await End.connect(channel, channel.token);
  channel.interrupt(12);
  assertEquals(await end.hear(), "interrupt 12\n");
  const alive = channel.isResponsive(5000);
  assertEquals(await end.hear(), "ping 1\n");
  await end.say("pong 1");
  assert(await alive);
  const late = channel.isResponsive(30);
  assertEquals(await end.hear(), "ping 2\n");
  await end.say("pong 1");
  assertEquals(await late, false);
  end.close();
  channel.close();
});

Deno.test("side channel: a stranger is turned away, and a second evaluator too", async () => {
  const channel = new SideChannel();
  const stranger = await End.connect(channel, "not the token");
  assertEquals(await stranger.hear(), "");
  const end = await End.connect(channel, channel.token);
  const second = await End.connect(channel, channel.token);
  assertEquals(await second.hear(), "");
  channel.interrupt(1);
  assertEquals(await end.hear(), "interrupt 1\n");
  for (const one of [stranger, end, second]) one.close();
  channel.close();
});
