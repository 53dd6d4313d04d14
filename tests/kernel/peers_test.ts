/** Clients that do not read, strangers without the key, and too many of them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { encodeFrames } from "../../lib/kernel/wire/_zmtp_frames.ts";
import { kernelSpec } from "../../lib/kernel/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
import { PATIENCE_MS, pause, until, within } from "../_wait.ts";
import { TestKernel } from "./_kernel.ts";
import { missingProc, residentBytes } from "./_processes.ts";
import { frameHead, RawPeer } from "./_raw_peer.ts";

const MIB = 2 ** 20;

function assertLess(value: number, limit: number): void {
  assert(value < limit, `${value} is not below ${limit}`);
}

async function millisecondsOf(kernel: TestKernel, code = "1 + 1"): Promise<number> {
  const start = performance.now();
  assertEquals((await kernel.run(code)).outputs, ["result:2"]);
  return performance.now() - start;
}

/** So long most of forty cells take, in milliseconds. */
async function upperQuartile(kernel: TestKernel): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 40; i++) times.push(await millisecondsOf(kernel));
  return times.toSorted((a, b) => a - b)[30]!;
}

/** A subscriber that has been heard, and does not read from now on. */
async function subscriberOf(kernel: TestKernel): Promise<RawPeer> {
  const peer = await RawPeer.connect(kernel.ports.iopub, "SUB");
  const asking = setInterval(() => void kernel.request("kernel_info_request", {}), 50);
  await peer.hears("kernel_info_request");
  clearInterval(asking);
  return peer;
}

/** Waits until the kernel has closed the connection of one that does not read. */
async function isDisconnected(peer: RawPeer): Promise<void> {
  const subscription = new Uint8Array([0, 1, 1]); // it may say that as often as it likes
  const isClosed = () => peer.write(subscription).then(() => false, () => true);
  await until(isClosed, "the end of the connection");
}

testUnless(
  missingProc,
  "a subscriber that reads nothing holds nobody up for long, and memory has a bound",
  async () => {
    await using kernel = await TestKernel.start();
    await kernel.run("1");
    const before = residentBytes(kernel.process.pid);
    const deaf = await subscriberOf(kernel);
    const printing = kernel.run(`const line = "x".repeat(999);
    for (let i = 0; i < 20_000; i++) console.log(line)`);
    let most = 0;
    const looking = setInterval(() => {
      most = Math.max(most, residentBytes(kernel.process.pid) - before);
    }, 200);
    const { outputs } = await printing;
    const times = [await millisecondsOf(kernel), await millisecondsOf(kernel)];
    clearInterval(looking);
    await isDisconnected(deaf);
    const text = outputs.map((output) => output.replace("stream:", "")).join("");
    assertEquals(text.length, 20_000_000, "Who reads loses nothing");
    assertLess(most, 200 * MIB);
    assertLess(Math.max(...times), 7500); // before it is disconnected, after 15 s
    deaf.close();
    assertStringIncludes(await kernel.shutdown(), "Disconnected a peer that reads nothing");
  },
);

Deno.test("an interrupt waits for no subscriber that reads nothing", async () => {
  await using kernel = await TestKernel.start();
  await kernel.run("1");
  const deaf = await RawPeer.connect(kernel.ports.iopub, "SUB");
  const code = `const text = "x".repeat(1e6);
    for (;;) await Deno.jupyter.display({ "text/plain": text }, { raw: true })`;
  for (let i = 0; i < 12; i++) {
    const running = kernel.run(code);
    await kernel.sees(({ content }) => content.code === code); // its turn has come
    await new Promise((resolve) => setTimeout(resolve, i === 0 ? 1500 : 300));
    const start = performance.now();
    await kernel.interruptAfter(0);
    assertEquals((await running).outputs.at(-1), "error:KeyboardInterrupt: interrupted");
    assertLess(performance.now() - start, 8000); // one that waits is cut off after 15 s
    kernel.forget();
  }
  deaf.close();
});

Deno.test("a slow subscriber loses nothing", async () => {
  await using kernel = await TestKernel.start();
  await kernel.run("1");
  const slow = await subscriberOf(kernel);
  let bytes = 0, lines = 0;
  const reading = (async () => {
    const chunk = new Uint8Array(262_144);
    for (;;) {
      const count = await slow.conn.read(chunk).catch(() => null);
      if (count === null) return;
      bytes += count;
      lines += Buffer.from(chunk.buffer, 0, count).toString("latin1").split("slowly").length - 1;
      if (bytes < 8_000_000) await new Promise((resolve) => setTimeout(resolve, 40));
    }
  })();
  await kernel.run(`for (let i = 0; i < 100_000; i++) console.log("s".repeat(190) + "slowly")`);
  // A word may lie across two reads, no more.
  await until(() => lines >= 99_900, "99,900 of 100,000 lines").finally(() => slow.close());
  await reading;
});

testUnless(missingProc, "strangers", async (t) => {
  await using kernel = await TestKernel.start();
  await kernel.run("1");
  const before = residentBytes(kernel.process.pid);

  /**
   * A client of this identity that has sent a cell, a stranger that says it is the same, and what ends
   * the cell.
   */
  async function ownerAndThief(identity: string) {
    const owner = await RawPeer.connect(kernel.ports.shell, "DEALER", identity);
    const header = kernel.codec.header("execute_request");
    const going = await Deno.makeTempFile(); // the cell, while it is there
    const code = `while (await Deno.stat(${JSON.stringify(going)}).catch(() => undefined)) {
      await new Promise((d) => setTimeout(d, 10));
    }
    "secret"`;
    await owner.write(encodeFrames(kernel.codec.encode({ header, content: { code } })));
    await kernel.sees(({ header: { msg_type }, parent }) =>
      msg_type === "execute_input" && parent.msg_id === header.msg_id
    );
    const thief = await RawPeer.connect(kernel.ports.shell, "DEALER", identity);
    await pause(200);
    return { owner, thief, end: () => Deno.remove(going) };
  }
  const hasReply = async (peer: RawPeer) => (await peer.read(500)).bytes.includes("execute_reply");

  await t.step("one with a client's identity takes none of its replies", async () => {
    const { owner, thief, end } = await ownerAndThief("the-client");
    await end();
    await owner.hears("execute_reply");
    assert(!await hasReply(thief), "The stranger has the reply");
    owner.close();
  });

  await t.step("not even of one that has gone before its reply", async () => {
    const { owner, thief, end } = await ownerAndThief("the-hasty");
    owner.close();
    await end();
    await kernel.run("1"); // behind it
    assert(!await hasReply(thief), "The stranger has the reply");
  });

  await t.step("a message without the key ends the connection", async () => {
    const stranger = await RawPeer.connect(kernel.ports.shell, "DEALER");
    await stranger.write(encodeFrames(["<IDS|MSG>", "0".repeat(64), "{}", "{}", "{}", "{}"]));
    assert(await stranger.isLeft());
  });

  await t.step("a replayed message ends the connection of a stranger", async () => {
    const content = { code: "globalThis.times = (globalThis.times ?? 0) + 1", silent: true };
    const frames = kernel.codec.encode({ header: kernel.codec.header("execute_request"), content });
    kernel.sendRaw(frames);
    await kernel.run("1");
    const stranger = await RawPeer.connect(kernel.ports.shell, "DEALER");
    await stranger.write(encodeFrames(frames));
    assert(await stranger.isLeft());
    assertEquals((await kernel.run("globalThis.times")).outputs, ["result:1"]);
  });

  await t.step("big frames are refused before memory is taken, on every port", async () => {
    for (const [name, port] of Object.entries(kernel.ports)) {
      const type = { iopub: "SUB", hb: "REQ" }[name] ?? "DEALER";
      for (const size of [200 * MIB, 2 ** 31, 2 ** 53]) {
        const stranger = await RawPeer.connect(port, type);
        await stranger.write(frameHead(size));
        assert(await stranger.isLeft(), `${name} ${size}`);
      }
      const endless = await RawPeer.connect(port, type);
      const empty = Buffer.alloc(65_536); // frames of no bytes, each with more to come
      for (let i = 0; i < empty.length; i += 2) empty[i] = 1;
      await endless.write(empty).catch(() => {});
      await endless.write(empty).catch(() => {});
      assert(await endless.isLeft(), `${name} many frames`);
    }
  });

  await t.step("forty that drip slow no cell", async () => {
    const alone = await upperQuartile(kernel);
    const peers = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const stranger = await RawPeer.connect(kernel.ports.shell, i % 2 ? "DEALER" : undefined);
      if (i % 2) await stranger.write(frameHead(MIB / 2));
      return stranger;
    }));
    const dripping = setInterval(() => {
      for (const peer of peers) peer.write(new Uint8Array(1)).catch(() => {});
    }, 20);
    const dripped = await upperQuartile(kernel);
    clearInterval(dripping);
    for (const peer of peers) peer.close();
    assertLess(dripped, 100 + 20 * alone);
    assertLess(residentBytes(kernel.process.pid) - before, 150 * MIB);
  });

  await t.step("one that does not end what it began is disconnected", async () => {
    const slow = await RawPeer.connect(kernel.ports.shell, "DEALER");
    const silent = await RawPeer.connect(kernel.ports.control);
    await slow.write(frameHead(1000));
    assertEquals(await Promise.all([slow, silent].map((peer) => peer.isLeft(PATIENCE_MS))), [
      true,
      true,
    ]);
  });
});

testUnless(
  missingPosix,
  "with too many files open the ports come back",
  async () => {
    await using kernel = await TestKernel.start({
      argv: ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh", ...kernelSpec().argv],
    });
    await kernel.run("1");
    const crowd: RawPeer[] = [];
    for (let i = 0; i < 600; i++) {
      const port = Object.values(kernel.ports)[i % 5]!;
      crowd.push(await RawPeer.connect(port));
    }
    await within(millisecondsOf(kernel), "a cell's end");
    for (const peer of crowd) peer.close();
    const isAnswered = async () => { // not before the kernel has seen them go
      const another = await RawPeer.connect(kernel.ports.shell, "DEALER", "late");
      const header = kernel.codec.header("kernel_info_request");
      const question = encodeFrames(kernel.codec.encode({ header, content: {} }));
      const answered = another.write(question).then(() => another.hears("kernel_info_reply"));
      return await answered.then(() => true, () => false).finally(() => another.close());
    };
    await until(isAnswered, "an answer to another client");
    const killed = await kernel.run("Deno.exit(1)"); // the evaluator can be started again, too
    assertStringIncludes(killed.outputs.join(), "KernelDied");
    await millisecondsOf(kernel);
  },
);
