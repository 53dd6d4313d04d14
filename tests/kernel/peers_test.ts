/** Clients that do not read, strangers without the key, and too many of them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { encodeFrames } from "../../lib/kernel/wire/_zmtp_frames.ts";
import { kernelSpec } from "../../lib/kernel/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
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

testUnless(
  missingProc,
  "a subscriber that reads nothing holds nobody up for long, and memory has a bound",
  async () => {
    await using kernel = await TestKernel.start();
    await kernel.run("1");
    const before = residentBytes(kernel.process.pid);
    const deaf = await RawPeer.connect(kernel.ports.iopub, "SUB");
    const printing = kernel.run(`const line = "x".repeat(999);
    for (let i = 0; i < 20_000; i++) console.log(line)`);
    let most = 0;
    const looking = setInterval(() => {
      most = Math.max(most, residentBytes(kernel.process.pid) - before);
    }, 200);
    const { outputs } = await printing;
    const times = [await millisecondsOf(kernel), await millisecondsOf(kernel)];
    clearInterval(looking);
    const text = outputs.map((output) => output.replace("stream:", "")).join("");
    assertEquals(text.length, 20_000_000, "Who reads loses nothing");
    assertLess(most, 200 * MIB);
    assertLess(Math.max(...times), 2000);
    await new Promise((resolve) => setTimeout(resolve, 17_000));
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
  const slow = await RawPeer.connect(kernel.ports.iopub, "SUB");
  await new Promise((resolve) => setTimeout(resolve, 300));
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
  for (let waited = 0; lines < 99_900 && waited < 100; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert(lines >= 99_900, `${lines} of 100,000: a word may lie across two reads, no more`);
  slow.close();
  await reading;
});

testUnless(missingProc, "strangers", async (t) => {
  await using kernel = await TestKernel.start();
  await kernel.run("1");
  const before = residentBytes(kernel.process.pid);

  /** A client of this identity that has sent a cell, and a stranger that says it is the same. */
  async function ownerAndThief(identity: string): Promise<readonly [owner: RawPeer, RawPeer]> {
    const owner = await RawPeer.connect(kernel.ports.shell, "DEALER", identity);
    const header = kernel.codec.header("execute_request");
    const code = "await new Promise((d) => setTimeout(d, 500)); 'secret'";
    await owner.write(encodeFrames(kernel.codec.encode({ header, content: { code } })));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return [owner, await RawPeer.connect(kernel.ports.shell, "DEALER", identity)];
  }

  await t.step("one with a client's identity takes none of its replies", async () => {
    const [owner, thief] = await ownerAndThief("the-client");
    const [own, stolen] = await Promise.all([owner.read(1500), thief.read(1500)]);
    assertStringIncludes(own.bytes.toString("latin1"), "execute_reply");
    assert(!stolen.bytes.includes("execute_reply"), "The stranger has the reply");
  });

  await t.step("not even of one that has gone before its reply", async () => {
    const [owner, thief] = await ownerAndThief("the-hasty");
    owner.close();
    assert(!(await thief.read(1500)).bytes.includes("execute_reply"), "The stranger has the reply");
  });

  await t.step("a message without the key ends the connection", async () => {
    const stranger = await RawPeer.connect(kernel.ports.shell, "DEALER");
    await stranger.write(encodeFrames(["<IDS|MSG>", "0".repeat(64), "{}", "{}", "{}", "{}"]));
    assertEquals((await stranger.read(3000)).closed, true);
  });

  await t.step("a replayed message ends the connection of a stranger", async () => {
    const content = { code: "globalThis.times = (globalThis.times ?? 0) + 1", silent: true };
    const frames = kernel.codec.encode({ header: kernel.codec.header("execute_request"), content });
    kernel.sendRaw(frames);
    await kernel.run("1");
    const stranger = await RawPeer.connect(kernel.ports.shell, "DEALER");
    await stranger.write(encodeFrames(frames));
    assertEquals((await stranger.read(3000)).closed, true);
    assertEquals((await kernel.run("globalThis.times")).outputs, ["result:1"]);
  });

  await t.step("big frames are refused before memory is taken, on every port", async () => {
    for (const [name, port] of Object.entries(kernel.ports)) {
      const type = { iopub: "SUB", hb: "REQ" }[name] ?? "DEALER";
      for (const size of [200 * MIB, 2 ** 31, 2 ** 53]) {
        const stranger = await RawPeer.connect(port, type);
        await stranger.write(frameHead(size));
        assertEquals((await stranger.read(3000)).closed, true, `${name} ${size}`);
      }
      const endless = await RawPeer.connect(port, type);
      const empty = Buffer.alloc(65_536); // frames of no bytes, each with more to come
      for (let i = 0; i < empty.length; i += 2) empty[i] = 1;
      await endless.write(empty).catch(() => {});
      await endless.write(empty).catch(() => {});
      assertEquals((await endless.read(3000)).closed, true, `${name} many frames`);
    }
  });

  await t.step("forty that drip slow no cell", async () => {
    const peers = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const stranger = await RawPeer.connect(kernel.ports.shell, i % 2 ? "DEALER" : undefined);
      if (i % 2) await stranger.write(frameHead(MIB / 2));
      return stranger;
    }));
    const dripping = setInterval(() => {
      for (const peer of peers) peer.write(new Uint8Array(1)).catch(() => {});
    }, 20);
    const times: number[] = [];
    for (let i = 0; i < 40; i++) times.push(await millisecondsOf(kernel));
    clearInterval(dripping);
    for (const peer of peers) peer.close();
    assertLess(times.toSorted((a, b) => a - b)[30]!, 200);
    assertLess(residentBytes(kernel.process.pid) - before, 150 * MIB);
  });

  await t.step("one that does not end what it began is disconnected", async () => {
    const slow = await RawPeer.connect(kernel.ports.shell, "DEALER");
    const silent = await RawPeer.connect(kernel.ports.control);
    await slow.write(frameHead(1000));
    const start = performance.now();
    const ends = await Promise.all([slow.read(20_000), silent.read(20_000)]);
    assertEquals(ends.map(({ closed }) => closed), [true, true]);
    assertLess(performance.now() - start, 15_000);
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
    assertLess(await millisecondsOf(kernel), 2000);
    for (const peer of crowd) peer.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const another = await RawPeer.connect(kernel.ports.shell, "DEALER", "late");
    const header = kernel.codec.header("kernel_info_request");
    await another.write(encodeFrames(kernel.codec.encode({ header, content: {} })));
    assertStringIncludes((await another.read(2000)).bytes.toString("latin1"), "kernel_info_reply");
    const killed = await kernel.run("Deno.exit(1)"); // the evaluator can be started again, too
    assertStringIncludes(killed.outputs.join(), "KernelDied");
    await millisecondsOf(kernel);
  },
);
