import { freePorts } from "../../lib/system/mod.ts";
import { join } from "node:path";
import { Codec, type Header, type Json, type Message } from "../../lib/kernel/wire/_message.ts";
import { Socket } from "../../lib/kernel/wire/_zmtp_socket.ts";
import { kernelSpec } from "../../lib/kernel/mod.ts";
import { pause, until, within } from "../_wait.ts";

/** What a cell did, as a client saw it. */
export interface Run {
  readonly status: string;
  /** In order; `stream:`, `result:`, `display:` or `error:` and the text. */
  readonly outputs: readonly string[];
  readonly count: unknown;
  /** The content of the reply. */
  readonly reply: Json;
}

/**
 * Within which an interrupted cell ends, in milliseconds. The promise is 2 s, and `deno task torture`
 * prints what it was; on a machine with five times its work it is more, and a cell that does not stop
 * never ends.
 */
export const STOP_MS = 20_000;

/** A request with what was published for it. */
export interface Exchange {
  readonly header: Header;
  readonly outputs: readonly Message[];
}

/** How a kernel is started for a test. */
export interface TestKernelOptions {
  readonly cwd?: string;
  /** Its command; `{connection_file}` stands for the file. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Deno's own kernel, to compare with. */
export const DENO_KERNEL: TestKernelOptions = {
  argv: [Deno.execPath(), "jupyter", "--quiet", "--kernel", "--conn", "{connection_file}"],
  env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
};

/** A kernel process and a small Jupyter client of our own for it. */
export class TestKernel implements AsyncDisposable {
  readonly codec: Codec;
  readonly process: Deno.ChildProcess;
  readonly file: string;
  readonly ports: Readonly<Record<"shell" | "control" | "stdin" | "iopub" | "hb", number>>;
  /** What the kernel asks the user, and how the client answers; unanswered without. */
  onInput: ((prompt: string) => string | undefined) | undefined;
  readonly #folder: string;
  readonly #identity = crypto.randomUUID();
  readonly #shell = new Socket("DEALER", this.#identity);
  readonly #control = new Socket("DEALER", this.#identity);
  readonly #stdin = new Socket("DEALER", this.#identity);
  readonly #iopub = new Socket("SUB");
  /** Everything that came over iopub. */
  readonly published: Message[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #replies = new Map<string, (reply: Message) => void>();

  /** Starts a kernel; resolves once it answers. */
  static async start(options: TestKernelOptions = {}): Promise<TestKernel> {
    const kernel = TestKernel.spawn(options);
    const asking = setInterval(() => void kernel.request("kernel_info_request", {}), 50);
    await kernel.#next((message) => message.header.msg_type === "status", 0);
    clearInterval(asking);
    return kernel;
  }

  /** Starts a kernel and does not wait for it. */
  static spawn(options: TestKernelOptions = {}): TestKernel {
    return new TestKernel(options);
  }

  private constructor({ cwd = Deno.cwd(), argv = kernelSpec().argv, env = {} }: TestKernelOptions) {
    const key = crypto.randomUUID();
    this.codec = new Codec(key);
    this.#folder = Deno.makeTempDirSync();
    this.file = join(this.#folder, "connection.json");
    const [shell = 0, control = 0, stdin = 0, iopub = 0, hb = 0] = freePorts(5);
    const ports = this.ports = { shell, control, stdin, iopub, hb };
    Deno.writeTextFileSync(
      this.file,
      JSON.stringify({
        transport: "tcp",
        ip: "127.0.0.1",
        signature_scheme: "hmac-sha256",
        key,
        kernel_name: "deno",
        ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${name}_port`, port])),
      }),
      { mode: 0o644 },
    );
    const [program = "", ...args] = argv.map((argument) =>
      argument.replace("{connection_file}", this.file)
    );
    this.process = new Deno.Command(program, {
      args,
      cwd,
      env: { DENO_KERNEL_TYPE_ERRORS: "silent", ...env }, // else a language server for each
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    void this.#shell.connect("127.0.0.1", shell);
    void this.#control.connect("127.0.0.1", control);
    void this.#stdin.connect("127.0.0.1", stdin);
    void this.#iopub.connect("127.0.0.1", iopub);
    for (const socket of [this.#shell, this.#control]) void this.#readReplies(socket);
    void this.#readQuestions();
    void this.#readPublished();
  }

  /** Sends a request and returns the reply. */
  request(type: string, content: Json, channel: "shell" | "control" = "shell"): Promise<Message> {
    const header = this.codec.header(type);
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#replies.set(header.msg_id, resolve);
    const socket = channel === "shell" ? this.#shell : this.#control;
    socket.send(this.codec.encode({ header, content }));
    return promise;
  }

  /** The content of a reply that fits: it is asked again, as the language server may be starting. */
  async asks(type: string, content: Json, fits: (content: Json) => boolean): Promise<Json> {
    let reply: Json = {};
    const isFitting = async () => fits(reply = (await this.request(type, content)).content);
    await until(isFitting, `a fitting ${type} about ${content.code}`);
    return reply;
  }

  /** Sends a request on the shell channel, and what was published for it once its idle is there. */
  async exchange(type: string, content: Json): Promise<Exchange> {
    const header = this.codec.header(type);
    const from = this.published.length;
    this.#shell.send(this.codec.encode({ header, content }));
    const own = ({ parent }: Message) => parent.msg_id === header.msg_id;
    const idle = await this.#next(
      (message) => own(message) && message.content.execution_state === "idle",
      from,
    );
    return { header, outputs: this.published.slice(from, idle).filter(own) };
  }

  /** Waits until something that fits is published, or finds it among what was. */
  async sees(fits: (message: Message) => boolean): Promise<void> {
    await this.#next(fits, 0);
  }

  /** Sends frames as they are. */
  sendRaw(frames: ReturnType<Codec["encode"]>): void {
    this.#shell.send(frames);
  }

  /** Runs a cell to its idle; `more` goes into the request. */
  async run(code: string, more: Json = {}): Promise<Run> {
    const header = this.codec.header("execute_request");
    const from = this.published.length;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#replies.set(header.msg_id, resolve);
    const content = { code, silent: false, store_history: true, stop_on_error: false, ...more };
    this.#shell.send(this.codec.encode({ header, content }));
    const own = ({ parent }: Message) => parent.msg_id === header.msg_id;
    const idle = await this.#next(
      (message) => own(message) && message.content.execution_state === "idle",
      from,
    );
    const outputs = this.published.slice(from, idle).filter(own).flatMap(describe);
    const reply = await promise;
    return {
      status: String(reply.content.status),
      outputs,
      count: reply.content.execution_count,
      reply: reply.content,
    };
  }

  /** Forgets what was published so far; call it between cells. */
  forget(): void {
    this.published.length = 0;
    this.#replies.clear();
  }

  /** Interrupts after so many milliseconds. */
  async interruptAfter(milliseconds: number): Promise<void> {
    await pause(milliseconds);
    await this.request("interrupt_request", {}, "control");
  }

  /**
   * Runs a cell and interrupts it so many milliseconds after its turn has come, for which a loaded
   * machine makes it wait; `said` is a text that it prints before.
   *
   * @throws Error if it does not end then
   */
  async runInterrupted(
    code: string,
    { after = 100, said, content = {} }: {
      readonly after?: number;
      readonly said?: string;
      readonly content?: Json;
    } = {},
  ): Promise<Run> {
    const from = this.published.length;
    const running = this.run(code, content);
    await within(
      this.#next(
        ({ header, content }) =>
          said === undefined
            ? header.msg_type === "execute_input" && content.code === code
            : content.text === said,
        from,
      ),
      `the turn of ${code}`,
    );
    await this.interruptAfter(after);
    return await within(running, `the end of the interrupted ${code}`, STOP_MS);
  }

  /** The kernel's standard error, once it has ended. */
  async shutdown(): Promise<string> {
    await this.request("shutdown_request", { restart: false }, "control");
    const { stderr } = await this.process.output();
    return new TextDecoder().decode(stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
    await this.process.status;
    if (!this.process.stderr.locked) await this.process.stderr.cancel();
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub]) socket.close();
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** The index of the first published message from `from` on that fits. */
  async #next(fits: (message: Message) => boolean, from: number): Promise<number> {
    for (let i = from;; i++) {
      while (i >= this.published.length) {
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
      const message = this.published[i];
      if (message && fits(message)) return i;
    }
  }

  async #readReplies(socket: Socket): Promise<void> {
    for await (const frames of socket) {
      const reply = this.codec.decode(frames);
      this.#replies.get(reply.parent.msg_id ?? "")?.(reply);
    }
  }

  async #readQuestions(): Promise<void> {
    for await (const frames of this.#stdin) {
      const { header, content } = this.codec.decode(frames);
      const value = this.onInput?.(String(content.prompt));
      if (value === undefined) continue;
      const draft = {
        header: this.codec.header("input_reply"),
        parent: header,
        content: { value },
      };
      this.#stdin.send(this.codec.encode(draft));
    }
  }

  async #readPublished(): Promise<void> {
    for await (const frames of this.#iopub) {
      this.published.push(this.codec.decode(frames));
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
  }
}

function describe({ header, content }: Message): string[] {
  const plain = (content.data as Record<string, unknown> | undefined)?.["text/plain"];
  switch (header.msg_type) {
    case "stream":
      return [`stream:${content.text}`];
    case "execute_result":
      return [`result:${plain}`];
    case "display_data":
      return [`display:${plain}`];
    case "error":
      return [`error:${content.ename}: ${content.evalue}`];
    default:
      return [];
  }
}
