import type { Buffer } from "node:buffer";
import {
  Codec,
  type Header,
  type Json,
  log,
  type Message,
  MessageError,
  Socket,
  textOf,
} from "../wire/mod.ts";
import { requireTestedDeno } from "./_versions.ts";
import type { EvaluatorOutput } from "./channel/mod.ts";
import { SideChannel } from "./_side_channel.ts";
import { chooseConnection, spawn, type Watched } from "./_spawn.ts";

/** What comes out of the evaluator without being asked for. */
export interface EvaluatorEvents {
  onOutput(output: EvaluatorOutput): void;
  /** A cell waits for what the user types; null where nobody can be asked. */
  onInputRequest(content: Json, answer: (text: string | null) => void): void;
  /** Resolves when more output can be taken. */
  whenRoom(): Promise<void>;
}

export interface EvaluatorOptions extends EvaluatorEvents {
  /** Where cells work. */
  readonly cwd: string;
  /** The folder whose deno.json applies to the cells; default `cwd`. */
  readonly project?: string | undefined;
  /** Ends the process. */
  readonly signal: AbortSignal;
}

const START = new URL("./inside/mod.ts", import.meta.url);

/**
 * Deno's own kernel in a process of its own, which evaluates and does nothing else: outputs, input
 * and interrupts go over the side channel.
 */
export class Evaluator {
  /** How the process ended, once all its outputs were taken. */
  readonly ended: Promise<string>;
  /** Set when `ended` resolves. */
  death: string | undefined;
  readonly sideChannel: SideChannel;
  readonly #codec: Codec;
  /** Of its connection file, until it is ready. */
  readonly #folder: string;
  readonly #shell = new Socket("DEALER");
  readonly #control = new Socket("DEALER");
  readonly #watched: Watched;
  readonly #replies = new Map<string, (reply: Message | undefined) => void>();
  readonly #queries = new Map<string, (answer: unknown) => void>();
  readonly #events: EvaluatorEvents;
  #gone = false;

  /** Whether the process is gone, though outputs of it may still come. */
  get hasEnded(): boolean {
    return this.#gone;
  }

  /** Starts the process and resolves when it is ready for cells. */
  static async start(options: EvaluatorOptions): Promise<Evaluator> {
    requireTestedDeno("run cells");
    const evaluator = new Evaluator(options);
    try {
      options.signal.addEventListener("abort", () => evaluator.kill());
      if (options.signal.aborted) evaluator.kill();
      try {
        await evaluator.#prepare(options.cwd);
        return evaluator;
      } catch (error) {
        evaluator.kill();
        throw error;
      }
    } finally {
      await Deno.remove(evaluator.#folder, { recursive: true }).catch(() => {});
    }
  }

  private constructor({ cwd, project = cwd, ...events }: EvaluatorOptions) {
    this.#events = events;
    this.sideChannel = new SideChannel({
      onOutput: (output) => this.#receive(output),
      whenRoom: () => this.#events.whenRoom(),
    });
    // Behind the side channel: it takes a port that is free, which may be one of those chosen here.
    const connection = chooseConnection();
    this.#codec = new Codec(connection.key);
    this.#folder = connection.folder;
    try {
      this.#watched = spawn(connection, project);
    } catch (error) {
      this.sideChannel.close();
      throw error;
    }
    void this.#shell.connect("127.0.0.1", connection.ports.shell);
    void this.#control.connect("127.0.0.1", connection.ports.control);
    void this.#readReplies();
    this.ended = this.#end();
  }

  /** Sends a request under its own header; undefined if the process ends before it replies. */
  request(header: Header, content: Json, metadata: Json = {}): Promise<Message | undefined> {
    if (this.#gone) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Message | undefined>();
    this.#replies.set(header.msg_id, resolve);
    this.#shell.send(this.#codec.encode({ header, content, metadata }));
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
   * Evaluates an expression whose value has to be JSON: the value, or else the reply that says why
   * there is none; neither if the process ends.
   */
  async query(expression: string): Promise<{ value?: unknown; failure?: Json }> {
    const header = this.#codec.header("execute_request");
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#queries.set(header.msg_id, resolve);
    const reply = await this.evaluate(
      `await __kernel.answer("${header.msg_id}",(${expression}\n))`,
      header,
    );
    const succeeded = reply?.content.status === "ok";
    const value = succeeded
      ? await Promise.race([promise, this.drained(), this.ended.then(() => undefined)])
      : undefined;
    this.#queries.delete(header.msg_id);
    return reply && !succeeded ? { failure: reply.content } : { value };
  }

  /** Resolves when everything that was put out before this call has been passed on. */
  drained(): Promise<void> {
    return this.sideChannel.drained();
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
    const header = this.#codec.header("interrupt_request");
    this.#control.send(this.#codec.encode({ header, content: {} }));
  }

  kill(): void {
    try {
      this.#watched.process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
  }

  async #prepare(cwd: string): Promise<void> {
    const { port, token } = this.sideChannel;
    const code = `await (await import("${START.href}")).start(${
      JSON.stringify({ port, token, cwd })
    })`;
    const reply = await this.evaluate(code);
    if (reply?.content.status === "ok") return;
    const why = reply ? JSON.stringify(reply.content) : this.death;
    throw new Error(`Cannot start the evaluator with ${START.href}: ${why}`);
  }

  async #readReplies(): Promise<void> {
    for await (const frames of this.#shell) {
      const reply = this.#decode(frames);
      if (reply) this.#replies.get(reply.parent.msg_id ?? "")?.(reply);
    }
  }

  #decode(frames: readonly Buffer[]): Message | undefined {
    try {
      return this.#codec.decode(frames);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      log(`Dropped from the evaluator: ${error.message}`);
    }
  }

  #receive(output: EvaluatorOutput): void {
    if (output.type !== "message") return this.#events.onOutput(output);
    const { type, metadata } = output.head;
    if (type !== "relay_answer" && type !== "input_request") return this.#events.onOutput(output);
    const content: Json = JSON.parse(output.content.toString());
    if (type === "input_request") {
      const answer = (text: string | null) =>
        this.sideChannel.type(Number(metadata.question), text);
      this.#events.onInputRequest(content, answer);
    } else this.#queries.get(textOf(content, "id"))?.(content.value);
  }

  async #end(): Promise<string> {
    const { signal, code } = await this.#watched.process.status;
    this.#gone = true;
    await this.#watched.dismiss();
    this.sideChannel.closeUnlessConnected();
    await this.sideChannel.exhausted;
    this.death = signal ?? `exit code ${code}`;
    for (const resolve of this.#replies.values()) resolve(undefined);
    for (const resolve of this.#queries.values()) resolve(undefined);
    for (const socket of [this.#shell, this.#control]) socket.close();
    this.sideChannel.close();
    return this.death;
  }
}
