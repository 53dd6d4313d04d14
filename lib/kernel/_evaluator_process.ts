import { fileURLToPath } from "node:url";
import { join } from "node:path";
import {
  Codec,
  type Draft,
  type Header,
  type Json,
  type Message,
  MessageError,
} from "./_message.ts";
import { log } from "./_log.ts";
import { SideChannel } from "./_side_channel.ts";
import { Socket } from "./_zmtp_socket.ts";

/** What comes out of the evaluator without being asked for. */
export interface EvaluatorEvents {
  onOutput(message: Message): void;
  onInputRequest(message: Message): void;
}

export interface EvaluatorOptions extends EvaluatorEvents {
  /** Where cells work. */
  readonly cwd: string;
  /** The folder whose deno.json applies to the cells; default `cwd`. */
  readonly project?: string | undefined;
}

const START = new URL("./evaluator/start.ts", import.meta.url);
const CHANNELS = ["shell", "control", "stdin", "iopub", "hb"] as const;

/** Deno's own kernel in a process of its own, spoken to as a Jupyter client does. */
export class Evaluator {
  /** How the process ended. */
  readonly ended: Promise<string>;
  /** Set once the process has ended. */
  death: string | undefined;
  readonly sideChannel = new SideChannel();
  readonly #folder = Deno.makeTempDirSync({ prefix: "deno-kernel-" }); // created with mode 0700
  readonly #codec: Codec;
  readonly #sockets = {
    shell: new Socket("DEALER"),
    control: new Socket("DEALER"),
    stdin: new Socket("DEALER"),
    iopub: new Socket("SUB"),
  };
  readonly #process: Deno.ChildProcess;
  readonly #replies = new Map<string, (reply: Message | undefined) => void>();
  readonly #queries = new Map<string, (answer: unknown) => void>();
  readonly #firstOutput = Promise.withResolvers<void>();
  readonly #onOutput: EvaluatorEvents["onOutput"];

  /** Starts the process and resolves when it is ready for cells. */
  static async start(options: EvaluatorOptions): Promise<Evaluator> {
    const evaluator = new Evaluator(options);
    try {
      await evaluator.#prepare(options.cwd);
      return evaluator;
    } catch (error) {
      evaluator.kill();
      throw error;
    }
  }

  private constructor({ cwd, project = cwd, onOutput, onInputRequest }: EvaluatorOptions) {
    const key = crypto.randomUUID();
    this.#codec = new Codec(key);
    this.#onOutput = onOutput;
    const ports = freePorts(CHANNELS.length);
    const file = join(this.#folder, "connection.json");
    const connection = {
      transport: "tcp",
      ip: "127.0.0.1",
      signature_scheme: "hmac-sha256",
      key,
      kernel_name: "deno",
      ...Object.fromEntries(CHANNELS.map((name, i) => [`${name}_port`, ports[i]])),
    };
    Deno.writeTextFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["jupyter", "--quiet", "--kernel", "--conn", file],
      cwd: project,
      stdin: "null",
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" }, // saved outputs are plain text
      detached: true, // a SIGINT goes to the whole process group, and ends Deno's kernel
    }).spawn();
    for (const [i, name] of (["shell", "control", "stdin", "iopub"] as const).entries()) {
      void this.#sockets[name].connect("127.0.0.1", ports[i] ?? 0);
    }
    void this.#read(
      "shell",
      (message) => this.#replies.get(message.parent.msg_id ?? "")?.(message),
    );
    void this.#read("stdin", onInputRequest);
    void this.#read("iopub", (message) => this.#receive(message));
    this.ended = this.#process.status.then(({ signal, code }) => this.#end(signal, code));
  }

  /** Sends a request under its own header; undefined if the process ends before it replies. */
  request(header: Header, content: Json, metadata: Json = {}): Promise<Message | undefined> {
    if (this.death !== undefined) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Message | undefined>();
    this.#replies.set(header.msg_id, resolve);
    this.#send("shell", { header, content, metadata });
    return promise.finally(() => this.#replies.delete(header.msg_id));
  }

  /** Evaluates code of ours, unseen by the client; undefined if the process ends. */
  evaluate(
    code: string,
    header = this.#codec.header("execute_request"),
  ): Promise<Message | undefined> {
    return this.request(header, {
      code,
      silent: true,
      store_history: false,
      allow_stdin: false,
      stop_on_error: false,
      user_expressions: {},
    });
  }

  /**
   * The value of an expression, which has to be JSON; undefined if it fails or the process ends.
   * Whatever was put out before the answer has been passed on when the promise is fulfilled.
   */
  async query(expression: string): Promise<unknown> {
    const header = this.#codec.header("execute_request");
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#queries.set(header.msg_id, resolve);
    const replied = this.evaluate(`__kernel.answer("${header.msg_id}",${expression})`, header);
    // Not after the reply: Deno's kernel leaves Nagle's algorithm on, and a second reply in a row
    // takes 40 ms.
    const failed = replied.then((reply) => reply?.content.status === "ok" ? promise : undefined);
    const answer = await Promise.race([promise, failed]);
    this.#queries.delete(header.msg_id);
    return answer;
  }

  /** Resolves when everything that was put out before this call has been passed on. */
  async drained(): Promise<void> {
    // An interrupt can hit the question itself.
    while (await this.query("true") !== true && this.death === undefined);
  }

  /** Any other question: completion, inspection. */
  ask(type: string, content: Json): Promise<Message | undefined> {
    return this.request(this.#codec.header(type), content);
  }

  /**
   * V8's own way to stop JavaScript. Only safe while the event loop stands still: a cell that waits
   * for a promise would never come to its end.
   */
  terminateExecution(): void {
    this.#send("control", { header: this.#codec.header("interrupt_request"), content: {} });
  }

  answerInput(content: Json): void {
    this.#send("stdin", { header: this.#codec.header("input_reply"), content });
  }

  kill(): void {
    if (this.death === undefined) this.#process.kill("SIGKILL");
  }

  async #prepare(cwd: string): Promise<void> {
    // Its iopub has no memory: ask until an answer shows that the subscription is there.
    const asking = setInterval(() => void this.ask("kernel_info_request", {}), 25);
    try {
      await Promise.race([this.#firstOutput.promise, this.ended]);
    } finally {
      clearInterval(asking);
    }
    const { port, token } = this.sideChannel;
    const options = JSON.stringify({ port, token, folder: this.#folder, cwd });
    const code = `await (await import("${START.href}")).start(${options})`;
    const reply = await this.evaluate(code);
    if (reply?.content.status !== "ok") {
      const why = reply ? JSON.stringify(reply.content) : this.death;
      throw new Error(`Cannot start the evaluator with ${fileURLToPath(START)}: ${why}`);
    }
    await Deno.remove(join(this.#folder, "connection.json"));
  }

  #send(channel: "shell" | "control" | "stdin", draft: Draft): void {
    void this.#sockets[channel].send(this.#codec.encode(draft));
  }

  async #read(
    channel: "shell" | "stdin" | "iopub",
    take: (message: Message) => void,
  ): Promise<void> {
    for await (const frames of this.#sockets[channel]) {
      try {
        take(this.#codec.decode(frames));
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        log(`Dropped from the evaluator's ${channel}: ${error.message}`);
      }
    }
  }

  #receive(message: Message): void {
    this.#firstOutput.resolve();
    this.#onOutput(message);
    if (message.header.msg_type !== "relay_answer") return;
    this.#queries.get(String(message.content.id))?.(message.content.value);
  }

  #end(signal: Deno.Signal | null, code: number): string {
    const death = this.death = signal ?? `exit code ${code}`;
    for (const resolve of this.#replies.values()) resolve(undefined);
    for (const resolve of this.#queries.values()) resolve(undefined);
    for (const socket of Object.values(this.#sockets)) socket.close();
    this.sideChannel.close();
    Deno.removeSync(this.#folder, { recursive: true });
    return death;
  }
}

/** Ports free just now. Deno's kernel cannot choose its own, so another process may be quicker. */
function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  return listeners.map((listener) => {
    const { port } = listener.addr;
    listener.close();
    return port;
  });
}
