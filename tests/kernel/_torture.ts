import { encodeFrames } from "../../lib/kernel/wire/_zmtp_frames.ts";
import { pause, within } from "../_wait.ts";
import { type Run, TestKernel } from "./_kernel.ts";
import { residentBytes } from "./_processes.ts";
import { frameHead, RawPeer } from "./_raw_peer.ts";

export interface TortureOptions {
  /** Each attack is made once, however long it takes, then others until the time is over. */
  readonly milliseconds: number;
  readonly seed: number;
  /** Attacks whose name contains one of these; default all. */
  readonly only?: readonly string[];
  /** Attacks to leave out, by name. */
  readonly without?: readonly string[];
  /** Within which an interrupted cell ends, in milliseconds; default 5000. */
  readonly stopMs?: number;
  print?(line: string): void;
}

export interface TortureResult {
  /** How often each attack was made. */
  readonly counts: ReadonlyMap<string, number>;
  /** What was lost, wrong or hung; empty is good. */
  readonly failures: readonly string[];
  /** Of a cell of the well-behaved client behind an attack, in milliseconds. */
  readonly slowest: number;
  /** From an interrupt to the end of its cell, in milliseconds. */
  readonly slowestStop: number;
  readonly idleMiB: number;
  readonly mostMiB: number;
  readonly lastMiB: number;
  /** Evaluators that a cell of ours ended on purpose. */
  readonly restarts: number;
  /** Lines that the kernel wrote to standard error. */
  readonly disconnected: number;
}

/** What an attack is given. */
interface Scene {
  readonly kernel: TestKernel;
  readonly random: () => number;
  /** Peers that are closed some attacks later. */
  readonly crowd: RawPeer[];
  /** Frames that were sent once. */
  readonly old: ReturnType<TestKernel["codec"]["encode"]>[];
  readonly temporary: string;
  restarts: number;
  /** Until then a subscriber that reads nothing may hold things up. */
  deafUntil: number;
  slowestStop: number;
  readonly stopMs: number;
}

/** Fails with a sentence, or is survived. */
type Attack = (scene: Scene) => Promise<void>;

/** Longest that anything may take, in milliseconds: a peer that reads nothing goes after 15 s. */
const HANG = 90_000;

/** Attacks one kernel until the time is over; see `torture.ts`. */
export async function torture(
  { milliseconds, seed, only = [""], without = [], stopMs = 5000, print = () => {} }:
    TortureOptions,
): Promise<TortureResult> {
  const names = Object.keys(ATTACKS).filter((name) =>
    only.some((text) => name.includes(text)) && !without.includes(name)
  );
  if (names.length === 0) {
    throw new RangeError(`Cannot find an attack of ${only}: ${Object.keys(ATTACKS).join(", ")}`);
  }
  const temporary = await Deno.makeTempDir();
  await using kernel = await TestKernel.start({ env: { TMPDIR: temporary } });
  const log = collect(kernel.process.stderr);
  await kernel.run("var kept = 41");
  const scene: Scene = {
    kernel,
    random: randomOf(seed),
    crowd: [],
    old: [],
    temporary,
    restarts: 0,
    deafUntil: 0,
    slowestStop: 0,
    stopMs,
  };
  const idle = residentBytes(kernel.process.pid);
  let most = idle, slowest = 0;
  const looking = setInterval(() => {
    most = Math.max(most, residentBytes(kernel.process.pid));
  }, 250);
  const counts = new Map<string, number>();
  const failures: string[] = [];
  const end = performance.now() + milliseconds;
  for (let i = 0; (i < names.length || performance.now() < end) && failures.length < 5; i++) {
    // Each once in a row first, then as the dice fall.
    const name = i < names.length ? names[i]! : names[Math.floor(scene.random() * names.length)]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    try {
      await within(ATTACKS[name]!(scene), name, HANG);
      const start = performance.now();
      const { outputs } = await within(kernel.run("kept + 1"), `the cell behind ${name}`, HANG);
      slowest = Math.max(slowest, performance.now() - start);
      assertSame(outputs, ["result:42"], "the next cell");
    } catch (error) {
      failures.push(`${i} ${name}: ${error instanceof Error ? error.message : error}`);
      print(failures.at(-1)!);
      if (String(error).includes("not yet")) break; // the rest would wait for it
    }
    while (scene.crowd.length > 60) scene.crowd.shift()!.close();
    kernel.forget();
  }
  for (const peer of scene.crowd) peer.close();
  const last = residentBytes(kernel.process.pid);
  clearInterval(looking);
  kernel.process.kill("SIGTERM");
  const said = await log;
  await Deno.remove(temporary, { recursive: true }).catch(() => {});
  const [idleMiB, mostMiB, lastMiB] = [idle, most, last].map((n) => Math.round(n / 2 ** 20)) as [
    number,
    number,
    number,
  ];
  const disconnected = said.split("\n").filter((line) => line.includes("[deno kernel]")).length;
  const { restarts, slowestStop } = scene;
  return {
    counts,
    failures,
    slowest,
    slowestStop,
    idleMiB,
    mostMiB,
    lastMiB,
    restarts,
    disconnected,
  };
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  async "a subscriber that reads nothing"(scene) {
    const { kernel, crowd } = scene;
    scene.deafUntil = performance.now() + 40_000;
    crowd.push(await RawPeer.connect(kernel.ports.iopub, "SUB"));
    await assertLines(kernel, 20_000);
  },
  async "a dripping peer"({ kernel, crowd, random }) {
    const ports = Object.values(kernel.ports);
    const peer = await RawPeer.connect(
      ports[Math.floor(random() * 5)]!,
      pick(random, [
        undefined,
        "DEALER",
      ]),
    );
    await peer.write(frameHead(Math.floor(random() * 2 ** 20))).catch(() => {});
    for (let i = 0; i < 5; i++) await peer.write(new Uint8Array(1)).catch(() => {});
    crowd.push(peer);
  },
  async "a frame that claims much"({ kernel, random, crowd }) {
    const peer = await RawPeer.connect(pick(random, Object.values(kernel.ports)), "DEALER");
    await peer.write(frameHead(2 ** (20 + Math.floor(random() * 33)))).catch(() => {});
    crowd.push(peer);
  },
  async "noise"({ kernel, random, crowd }) {
    const peer = await RawPeer.connect(
      pick(random, Object.values(kernel.ports)),
      pick(random, [undefined, "DEALER"]),
    );
    const bytes = Uint8Array.from({ length: 4000 }, () => Math.floor(random() * 256));
    await peer.write(bytes).catch(() => {});
    crowd.push(peer);
  },
  async "a replay"({ kernel, old, crowd }) {
    const header = kernel.codec.header("execute_request");
    const frames = kernel.codec.encode({ header, content: { code: "kept = 0", silent: true } });
    const changed = frames.with(1, "0".repeat(64));
    old.push(kernel.codec.encode({ header, content: { code: "kept = 41", silent: true } }));
    kernel.sendRaw(old.at(-1)!);
    for (const message of [changed, old[0]!, old.at(-1)!]) {
      const peer = await RawPeer.connect(kernel.ports.shell, "DEALER");
      await peer.write(encodeFrames(message)).catch(() => {});
      crowd.push(peer);
    }
  },
  async "a stranger with another's identity"({ kernel }) {
    const header = kernel.codec.header("execute_request");
    const owner = await RawPeer.connect(kernel.ports.shell, "DEALER", "owner");
    await owner.write(encodeFrames(kernel.codec.encode({
      header,
      content: { code: "await new Promise((done) => setTimeout(done, 200))", silent: true },
    })));
    const thief = await RawPeer.connect(kernel.ports.shell, "DEALER", "owner");
    await owner.hears("execute_reply");
    owner.close();
    const stolen = await thief.read(500);
    if (stolen.bytes.includes("execute_reply")) throw new Error("the stranger has the reply");
  },
  async "a client that asks and reads no answer"({ kernel, crowd }) {
    const peer = await RawPeer.connect(kernel.ports.shell, "DEALER");
    for (let i = 0; i < 1000; i++) {
      const header = kernel.codec.header("kernel_info_request");
      await peer.write(encodeFrames(kernel.codec.encode({ header, content: {} })));
    }
    crowd.push(peer);
  },
  async "a crowd of connections"({ kernel, crowd }) {
    const ports = Object.values(kernel.ports);
    for (let i = 0; i < 200; i++) crowd.push(await RawPeer.connect(ports[i % 5]!));
  },
  async "a million lines"({ kernel, random }) {
    await assertLines(kernel, pick(random, [1000, 100_000, 1_000_000]));
  },
  async "a loop that prints without end, interrupted"(scene) {
    const { random } = scene;
    const code = 'for (let i = 0;; i++) console.log("line " + i)';
    assertInterrupted(await interrupted(scene, code, random() * 400));
  },
  async "an interrupt at a random moment"(scene) {
    const { random } = scene;
    const code = pick(random, [
      "while (true) {}",
      "await new Promise(() => {})",
      "await new Promise((done) => setTimeout(done, 1)); while (true) {}",
      "for (;;) await new Promise((done) => setTimeout(done, 1))",
      "for (let i = 0;; i++) { console.log(i); await new Promise((done) => setTimeout(done)) }",
    ]);
    assertInterrupted(await interrupted(scene, code, random() * 300));
  },
  async "an interrupt while the evaluator starts"(scene) {
    const { kernel, random } = scene;
    scene.restarts++;
    await kernel.run("setTimeout(() => Deno.exit(5), 20)");
    await pause(30 + random() * 300);
    const { outputs } = await interrupted(scene, "while (true) {}", random() * 300);
    if (!/KeyboardInterrupt|KernelDied/.test(outputs.at(-1) ?? "")) {
      throw new Error(`the cell gave ${outputs}`); // the end may come just behind the cell
    }
    assertSame((await kernel.run("var kept = 41")).status, "ok", "the cell after the start");
  },
  async "a question, interrupted"(scene) {
    const { random } = scene;
    const content = { allow_stdin: true };
    assertInterrupted(await interrupted(scene, 'prompt("Name")', random() * 300, content));
  },
  async "nested code"({ kernel, random }) {
    const depth = 500 + Math.floor(random() * 1500);
    const [code, value] = pick(random, [
      ["[".repeat(depth) + "]".repeat(depth) + ".length", "1"],
      [Array.from({ length: 3 * depth }, () => "1").join("+"), String(3 * depth)],
      [`({ m() { return this }, v: 7 })${".m()".repeat(depth)}.v`, "7"],
    ]);
    assertSame((await kernel.run(code)).outputs, [`result:${value}`], "nested code");
    await kernel.request("complete_request", { code, cursor_pos: code.length });
  },
  async "the temporary folder removed"({ kernel, temporary }) {
    await Deno.remove(temporary, { recursive: true });
    const { outputs } = await kernel.run(
      'await Deno.jupyter.display({ "text/plain": "x".repeat(2 << 20) }, { raw: true })',
    );
    await Deno.mkdir(temporary);
    assertSame(outputs.map(({ length }) => length), [(2 << 20) + 8], "a big output");
  },
  async "errors that nobody awaits"({ kernel }) {
    const { outputs } = await kernel.run(
      `Promise.reject(new Error("lost")); setTimeout(() => { throw new Error("late") });
       await new Promise((done) => setTimeout(done, 30))`,
    );
    const text = outputs.join("");
    if (!/Error: lost/.test(text) || !/Error: late/.test(text)) throw new Error(`only ${text}`);
  },
  async "a cell that ends the process"(scene) {
    const { kernel } = scene;
    scene.restarts++;
    const { outputs } = await kernel.run('console.log("last words"); Deno.exit(3)');
    assertSame(outputs[0], "stream:last words\n", "text in front of the end");
    assertSame((await kernel.run("var kept = 41")).status, "ok", "the cell after the end");
  },
};

async function assertLines(kernel: TestKernel, count: number): Promise<void> {
  const { outputs } = await kernel.run(
    `for (let i = 0; i < ${count}; i++) console.log("line " + i + " ".repeat(500 * (i % 2 && ${count} < 50_000)))`,
  );
  const lines = outputs.map((output) => output.replace("stream:", "")).join("").split("\n");
  const wrong = lines.findIndex((line, i) => line.trimEnd() !== `line ${i}`);
  if (wrong !== count) throw new Error(`line ${wrong} of ${count} is "${lines[wrong]}"`);
}

async function interrupted(
  scene: Scene,
  code: string,
  delay: number,
  content: Record<string, unknown> = {},
): Promise<Run> {
  const { kernel, deafUntil, stopMs } = scene;
  const run = kernel.run(code, content);
  // Not before the cell's own turn, which a loaded machine makes it wait for.
  await kernel.sees(({ header, content }) =>
    header.msg_type === "execute_input" && content.code === code
  );
  await kernel.interruptAfter(delay);
  const start = performance.now();
  const done = await run;
  const took = performance.now() - start;
  scene.slowestStop = Math.max(scene.slowestStop, took);
  if (took > (start < deafUntil ? 20_000 : stopMs)) {
    throw new Error(`stopped only after ${Math.round(took)} ms`);
  }
  return done;
}

function assertInterrupted({ outputs }: Run): void {
  assertSame(outputs.at(-1), "error:KeyboardInterrupt: interrupted", "an interrupted cell");
}

function assertSame(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what} gave ${a?.slice(0, 300)} for ${b}`);
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) text += part;
  return text;
}

function pick<T>(random: () => number, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

/** Mulberry32: numbers in [0, 1) by a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
