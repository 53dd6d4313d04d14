import { Evaluator } from "../evaluator/mod.ts";
import { Language } from "../language/mod.ts";
import { type Connection, isJson, type Json, log, type Message, textOf } from "../wire/mod.ts";
import { Client } from "./_client.ts";
import {
  died,
  type Failure,
  failureIn,
  failureOf,
  INTERRUPTED,
  obituary,
  syntaxError,
} from "./_failures.ts";
import { History } from "./_history.ts";
import { interruptCell, type RunningCell, runningCell } from "./_interrupts.ts";
import { KERNEL_INFO } from "./_kernel_info.ts";
import { Outputs } from "./_outputs.ts";

/** So many requests may wait, before clients have to. */
const MAX_REQUESTS = 10_000;
/** How long clients may take for what was sent before the kernel ends, in milliseconds. */
const LAST_WORDS_MS = 2000;

export interface RelayOptions {
  /** The folder of the notebook. */
  readonly cwd: string;
  /** The folder whose deno.json applies to the cells. */
  readonly project?: string | undefined;
}

/**
 * The kernel: stands between a Jupyter client and Deno's own kernel, which only evaluates.
 *
 * The relay says busy and idle itself, runs requests of the shell channel one after another, and
 * says idle only when all outputs of a cell are through.
 */
export class Relay {
  readonly #client: Client;
  readonly #outputs: Outputs;
  readonly #history = new History();
  readonly #language: Language;
  readonly #options: RelayOptions;
  readonly #requests: Message[] = [];
  #wake: (() => void) | undefined;
  #wakeReader: (() => void) | undefined;
  /** The evaluator, or the one that is starting, or why there is none. */
  #evaluator: Promise<Evaluator>;
  #alive: Evaluator | undefined;
  #cell: RunningCell | undefined;
  #cells = 0;
  /** The request whose client is asked for input. */
  #asker: Message | undefined;
  /** Takes outputs that wait for a slow client, because their cell is interrupted. */
  #hurry: (() => void) | undefined;
  /** Answers the question for input that is open. */
  #answerInput: ((text: string | null) => void) | undefined;
  #stopped = false;
  readonly #stopping = new AbortController();

  constructor(connection: Connection, options: RelayOptions) {
    this.#options = options;
    this.#client = new Client(connection);
    this.#outputs = new Outputs(this.#client);
    this.#evaluator = this.#startEvaluator();
    this.#language = new Language(options);
    this.#client.status("starting", {});
  }

  /** Serves until the client asks for a shutdown or `stop` is called. */
  async run(): Promise<void> {
    await Promise.race([
      this.#readControl(),
      Promise.all([this.#readShell(), this.#readInput(), this.#serve()]),
    ]);
    await this.stop();
  }

  /** Stops the cell that runs, if there is one. */
  interrupt(): void {
    if (!this.#cell) return;
    void interruptCell(this.#cell, (line) => this.#tell(line));
    this.#hurry?.();
  }

  /** Ends the evaluator and closes everything. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stopping.abort();
    const evaluator = await this.#evaluator.catch(() => undefined);
    this.#language.close();
    await this.#client.whenSent(LAST_WORDS_MS);
    this.#client.close();
    this.#wake?.();
    evaluator?.sideChannel.close();
    await evaluator?.ended;
  }

  async #readShell(): Promise<void> {
    for await (const message of this.#client.read("shell")) {
      this.#requests.push(message);
      this.#wake?.();
      while (this.#requests.length > MAX_REQUESTS && !this.#stopped) {
        await new Promise<void>((resolve) => this.#wakeReader = resolve);
      }
    }
  }

  async #readInput(): Promise<void> {
    for await (const { header, content } of this.#client.read("stdin")) {
      if (header.msg_type === "input_reply") this.#answerInput?.(textOf(content, "value"));
    }
  }

  async #readControl(): Promise<void> {
    for await (const message of this.#client.read("control")) {
      const { header, content } = message;
      const reply = (type: string, answer: Json) =>
        this.#client.reply(message, type, answer, "control");
      this.#client.status("busy", header);
      switch (header.msg_type) {
        case "interrupt_request":
          this.interrupt();
          reply("interrupt_reply", { status: "ok" });
          break;
        case "kernel_info_request":
          reply("kernel_info_reply", KERNEL_INFO);
          break;
        case "shutdown_request": {
          const answer = { status: "ok", restart: content.restart === true };
          this.#client.publish("shutdown_reply", header, answer);
          reply("shutdown_reply", answer);
          this.#client.status("idle", header);
          return;
        }
        default:
          log(`No answer on the control channel to ${header.msg_type}`);
      }
      this.#client.status("idle", header);
    }
  }

  async #serve(): Promise<void> {
    while (!this.#stopped) {
      const request = this.#requests.shift();
      this.#wakeReader?.();
      if (!request) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      const { header } = request;
      this.#client.status("busy", header);
      try {
        await this.#answer(request);
      } catch (error) {
        this.#cell = undefined;
        log(`Cannot answer ${header.msg_type}: ${error instanceof Error ? error.stack : error}`);
        this.#fail(request, failureOf("KernelError", String(error)));
      }
      this.#client.status("idle", header);
    }
  }

  async #answer(request: Message): Promise<void> {
    const { header, content } = request;
    const reply = (type: string, answer: Json) => this.#client.reply(request, type, answer);
    switch (header.msg_type) {
      case "execute_request":
        return await this.#execute(request);
      case "kernel_info_request":
        return reply("kernel_info_reply", KERNEL_INFO);
      case "history_request":
        return reply("history_reply", this.#history.answer(content));
      case "is_complete_request":
        return reply(
          "is_complete_reply",
          await this.#language.completeness(textOf(content, "code")),
        );
      case "complete_request":
        return reply(
          "complete_reply",
          await this.#language.complete(content, await this.#livingNames(content)),
        );
      case "inspect_request":
        return reply("inspect_reply", await this.#language.inspect(content));
      case "comm_info_request":
        return reply("comm_info_reply", this.#commInfo(content));
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        return await this.#comm(request);
      default:
        log(`No answer on the shell channel to ${header.msg_type}`);
    }
  }

  async #execute(request: Message): Promise<void> {
    const { header, content } = request;
    const code = textOf(content, "code");
    const silent = content.silent === true;
    const stored = !silent && content.store_history !== false;
    const outputs = this.#outputs;
    if (stored) outputs.count++;
    const cell = this.#cell = runningCell(++this.#cells);
    outputs.begin(header, cell.number);
    this.#asker = request;
    if (!silent) {
      this.#client.publish("execute_input", header, { code, execution_count: outputs.count });
    }
    const { failure, expressions } = await this.#evaluate(request, code, cell).finally(() => {
      cell.over = true;
      this.#answerInput = undefined;
      outputs.flush();
    });
    const dead = failure && cell.evaluator?.death !== undefined ? cell.evaluator : undefined;
    if (!dead) this.#cell = undefined;
    if (stored) this.#history.add(outputs.count, code, outputs.lastResult);
    const { ename, evalue, traceback } = failure ?? {};
    if (failure && !silent) this.#client.publish("error", header, { ename, evalue, traceback });
    this.#client.reply(request, "execute_reply", {
      status: failure ? "error" : "ok",
      execution_count: outputs.count,
      ...failure ? { ename, evalue, traceback } : { payload: [], user_expressions: expressions },
    });
    if (failure && !silent && content.stop_on_error !== false) await this.#abortWaiting();
    if (dead) {
      this.#cell = undefined;
      await this.#revive(dead).catch(() => {}); // told already
    }
    if (!failure) this.#language.remember(code);
  }

  /** Evaluates a cell to its last output; the failure, if it fails. */
  async #evaluate(
    { header, content, metadata }: Message,
    code: string,
    cell: RunningCell,
  ): Promise<{
    readonly failure?: Failure;
    readonly expressions?: Json;
  }> {
    const rewriting = this.#language.rewrite(code, cell.number);
    const rewritten = await Promise.race([rewriting, cell.dropped]);
    if (rewritten === "dropped") {
      this.#language.restart();
      return { failure: INTERRUPTED };
    }
    if (rewritten.fault) return { failure: syntaxError(rewritten.fault) };
    const evaluator = await Promise.race([this.#readyEvaluator(), cell.dropped]);
    if (evaluator === "dropped" || cell.interrupts > 0) return { failure: INTERRUPTED };
    cell.evaluator = evaluator;
    const reply = await evaluator.request(header, { ...content, code: rewritten.code }, metadata);
    await evaluator.drained();
    if (!reply) return { failure: died(await evaluator.ended) };
    if (reply.content.status === "ok") {
      const expressions = await this.#expressions(content.user_expressions, evaluator);
      return evaluator.death === undefined ? { expressions } : { failure: died(evaluator.death) };
    }
    if (cell.terminated) return { failure: INTERRUPTED };
    const failure = failureIn(reply.content);
    if (failure.evalue !== "Execution failed") return { failure };
    // Deno's kernel says no more than this when a module cannot be resolved.
    const { value } = await evaluator.query(
      `__kernel.importFault(${JSON.stringify(rewritten.imports)})`,
    );
    const message = typeof value === "string"
      ? value
      : "Cannot evaluate this cell: Deno says no more";
    return { failure: failureOf("ImportError", message) };
  }

  /** The values of a request's `user_expressions`, each as a client shows a result, or its error. */
  async #expressions(asked: unknown, evaluator: Evaluator): Promise<Json> {
    if (!isJson(asked)) return {};
    const answers: Record<string, Json> = {};
    for (const [name, expression] of Object.entries(asked)) {
      const { value, failure } = await evaluator.query(`__kernel.shown((${expression}\n))`);
      answers[name] = failure || value === undefined
        ? { status: "error", ...failureIn(failure ?? {}) }
        : { status: "ok", data: value, metadata: {} };
    }
    return answers;
  }

  /** Tells of a failure of the relay itself: a client waits for its reply. */
  #fail(request: Message, { ename, evalue, traceback }: Failure): void {
    if (request.header.msg_type !== "execute_request") return;
    const failure = { ename, evalue, traceback };
    this.#client.publish("error", request.header, failure);
    this.#client.reply(request, "execute_reply", {
      status: "error",
      execution_count: this.#outputs.count,
      ...failure,
    });
  }

  /** As ipykernel: cells that wait behind a failed one are not run. */
  async #abortWaiting(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve)); // those on their way, too
    const waiting = this.#requests.splice(0);
    for (const request of waiting) {
      const { header } = request;
      if (header.msg_type !== "execute_request") {
        this.#requests.push(request);
        continue;
      }
      this.#client.status("busy", header);
      const answer = { status: "aborted", execution_count: this.#outputs.count };
      this.#client.reply(request, "execute_reply", answer);
      this.#client.status("idle", header);
    }
  }

  async #comm({ header, content, metadata, buffers }: Message): Promise<void> {
    const id = textOf(content, "comm_id");
    const { comms } = this.#outputs;
    if (header.msg_type === "comm_open") comms.set(id, textOf(content, "target_name"));
    if (header.msg_type === "comm_close") comms.delete(id);
    const message = JSON.stringify({
      type: header.msg_type,
      content,
      metadata,
      buffers: buffers.map((buffer) => buffer.toString("base64")),
    });
    const before = this.#outputs.parent;
    const cell = this.#cell = runningCell(++this.#cells);
    this.#outputs.begin(header, cell.number);
    const evaluator = cell.evaluator = await this.#readyEvaluator();
    const reply = await evaluator.evaluate(`await __kernel.comm(${cell.number},${message})`);
    await evaluator.drained();
    cell.over = true;
    this.#cell = undefined;
    this.#outputs.flush();
    this.#outputs.parent = before;
    if (!reply) await this.#revive(evaluator);
  }

  /** The evaluator's own completions, of objects that are there. */
  async #livingNames(content: Json): Promise<Json | undefined> {
    const evaluator = await this.#readyEvaluator();
    return (await evaluator.ask("complete_request", content))?.content;
  }

  #commInfo({ target_name: target }: Json): Json {
    const comms = this.#outputs.comms.entries()
      .filter(([, name]) => typeof target !== "string" || target === name)
      .map(([id, target_name]) => [id, { target_name }] as const);
    return { status: "ok", comms: Object.fromEntries(comms) };
  }

  /** Starts another evaluator in place of one that ended, once. */
  async #revive(dead: Evaluator): Promise<void> {
    if (this.#alive !== dead) return;
    this.#alive = undefined;
    this.#client.status("restarting", this.#outputs.parent);
    this.#outputs.comms.clear();
    this.#language.forget();
    this.#evaluator = this.#startEvaluator();
    await this.#evaluator;
  }

  /** The evaluator, or another one if it has ended or could not be started. */
  async #readyEvaluator(): Promise<Evaluator> {
    const evaluator = await this.#evaluator
      .catch(() => this.#evaluator = this.#startEvaluator());
    if (!evaluator.hasEnded) return evaluator;
    await this.#replace(evaluator, await evaluator.ended);
    return await this.#evaluator;
  }

  #startEvaluator(): Promise<Evaluator> {
    const starting = Evaluator.start({
      cwd: this.#options.cwd,
      project: this.#options.project,
      signal: this.#stopping.signal,
      onOutput: (output) => this.#outputs.receive(output),
      onInputRequest: (question, content) => void this.#askForInput(question, content),
      whenRoom: () => this.#whenRoom(),
    });
    starting.then((evaluator) => {
      this.#alive = evaluator;
      void evaluator.ended.then((death) => this.#diedIdle(evaluator, death));
    }, (error) => {
      log(String(error));
      this.#tell(String(error));
    });
    return starting;
  }

  /**
   * Resolves when more output can be sent: an interrupted cell, which has little left to put out,
   * waits less for a client that does not read.
   */
  async #whenRoom(): Promise<void> {
    if (this.#cell && this.#cell.interrupts > 0) return await this.#client.whenRoom(true);
    // One reader of outputs waits here at a time.
    await new Promise<void>((resolve) => {
      this.#hurry = () => void this.#client.whenRoom(true).then(resolve);
      void this.#client.whenRoom(false).then(resolve);
    });
    this.#hurry = undefined;
  }

  /** Passes a cell's question on to whoever runs the cell, if that client takes questions. */
  async #askForInput(question: number, content: Json): Promise<void> {
    const asker = this.#asker;
    const evaluator = await this.#evaluator;
    this.#answerInput = (text) => {
      this.#answerInput = undefined;
      evaluator.sideChannel.type(question, text);
    };
    if (!this.#cell || !asker || asker.content.allow_stdin !== true) return this.#answerInput(null);
    this.#outputs.flush();
    this.#client.ask(asker.ids, "input_request", asker.header, content);
  }

  /** An evaluator that ends while no cell runs is replaced at once. */
  #diedIdle(evaluator: Evaluator, death: string): void {
    if (this.#stopped || this.#cell) return;
    this.#replace(evaluator, death).catch((error) => log(String(error)));
  }

  /** Starts another evaluator in place of one that ended, once, and tells the user. */
  async #replace(evaluator: Evaluator, death: string): Promise<void> {
    if (this.#alive === evaluator) this.#tell(obituary(death));
    await this.#revive(evaluator);
  }

  #tell(line: string): void {
    this.#outputs.stream("stderr", `${line}\n`);
  }
}
