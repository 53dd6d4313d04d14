import { outputOf } from "../lib/system/mod.ts";
import {
  type Hello,
  linesOf,
  type Memory,
  numberIn,
  type PeerMethods,
  type Run,
  type Setup,
  valueIn,
} from "./_protocol.ts";

/** How to start a peer, and what it is called in tables. */
export interface PeerCommand {
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Longest waits in milliseconds; a compiler may need minutes on a busy machine. */
export interface PeerTimeouts {
  readonly hello?: number;
  readonly setup?: number;
  readonly run?: number;
}

/**
 * A peer process: it computes when asked and sleeps otherwise, so that several may stay alive side
 * by side. Dispose of it to end it. It takes one request at a time.
 */
export class PeerProcess implements PeerMethods, AsyncDisposable {
  readonly label: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #answers: AsyncGenerator<string>;
  readonly #chatter: string[] = [];
  readonly #chatterEnd: Promise<void>;
  readonly #timeouts: Required<PeerTimeouts>;
  #id = 0;

  /** Starts the process and returns at once; `hello` waits until it is there. */
  constructor({ label, command, args }: PeerCommand, timeouts: PeerTimeouts = {}) {
    this.label = label;
    this.#timeouts = { hello: 120_000, setup: 600_000, run: 900_000, ...timeouts };
    this.#child = spawn(label, command, args);
    this.#input = this.#child.stdin.getWriter();
    this.#answers = linesOf(this.#child.stdout);
    this.#chatterEnd = this.#listen();
  }

  async hello(): Promise<Hello> {
    const hello = await this.#request("hello", {}, this.#timeouts.hello);
    return {
      name: String(valueIn(hello, "name")),
      version: String(valueIn(hello, "version")),
      threads: numberIn(hello, "threads"),
    };
  }

  async setup(setup: Setup): Promise<void> {
    await this.#request("setup", { ...setup }, this.#timeouts.setup);
  }

  /** Runs steps; throws where a loss is not finite, since such steps may take another time. */
  async run(steps: number): Promise<Run> {
    const run = await this.#request("run", { steps }, this.#timeouts.run);
    const ms = valueIn(run, "ms");
    if (!Array.isArray(ms) || ms.length !== steps || !ms.every((x) => typeof x === "number")) {
      throw new TypeError(`Cannot read the times of ${this.label}: ${JSON.stringify(run)}`);
    }
    const loss = valueIn(run, "loss");
    if (loss === undefined) return { ms };
    if (typeof loss !== "number" || !Number.isFinite(loss)) {
      throw new RangeError(`Cannot use the times of ${this.label}: its loss is ${loss}`);
    }
    return { ms, loss };
  }

  async memory(): Promise<Memory> {
    const memory = await this.#request("memory", {}, this.#timeouts.hello);
    const optional = ["heapBytes", "tensors"].filter((name) => valueIn(memory, name) !== undefined);
    return {
      peakBytes: numberIn(memory, "peakBytes"),
      residentBytes: numberIn(memory, "residentBytes"),
      ...Object.fromEntries(optional.map((name) => [name, numberIn(memory, name)])),
    };
  }

  /** The part of its resident memory that is pages of files, such as libraries (Linux). */
  async fileBytes(): Promise<number> {
    // Not by Deno, which opens no file below /proc without all permissions.
    const status = await outputOf(["cat"], [`/proc/${this.#child.pid}/status`]);
    return Number(/^RssFile:\s+(\d+) kB$/m.exec(status ?? "")?.[1]) * 1024;
  }

  /** Ends the process: by closing its input, by force where that takes more than two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {}); // already gone
    const timer = setTimeout(() => kill(this.#child), 2_000);
    while (!(await this.#answers.next()).done);
    await this.#chatterEnd;
    await this.#child.status;
    clearTimeout(timer);
  }

  async #request(method: string, params: object, timeout: number): Promise<unknown> {
    const id = ++this.#id;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      kill(this.#child); // its output ends, and with it the wait below
    }, timeout);
    try {
      const line = JSON.stringify({ id, method, params }) + "\n";
      await this.#input.write(new TextEncoder().encode(line)).catch(() => {}); // read tells more
      for (;;) {
        const { value, done } = await this.#answers.next();
        if (done) break;
        const answer = parsed(value);
        if (valueIn(answer, "id") !== id) continue; // something that a library printed
        const error = valueIn(answer, "error");
        if (error !== undefined) throw this.#failure(method, String(error));
        return valueIn(answer, "result");
      }
    } finally {
      clearTimeout(timer);
    }
    if (late) throw this.#failure(method, `no answer within ${timeout / 1000} s`);
    await this.#chatterEnd;
    const { code } = await this.#child.status;
    throw this.#failure(method, `the process ended with code ${code}`);
  }

  /** Keeps the last lines that the peer wrote to standard error, for a failure's message. */
  async #listen(): Promise<void> {
    for await (const line of linesOf(this.#child.stderr)) {
      this.#chatter.push(line);
      if (this.#chatter.length > 20) this.#chatter.shift();
    }
  }

  #failure(method: string, reason: string): Error {
    const heard = this.#chatter.map((line) => `\n    ${line}`).join("");
    return new Error(`Cannot get ${method} from ${this.label}: ${reason}${heard}`);
  }
}

function spawn(label: string, command: string, args: readonly string[]): Deno.ChildProcess {
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  try {
    const env = { NO_COLOR: "1" }; // what it writes is quoted in errors
    return new Deno.Command(command, { args: [...args], env, ...pipes }).spawn();
  } catch (cause) {
    throw new Error(`Cannot start ${label}: ${command} does not run`, { cause });
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended by itself
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
