import { Language } from "../language/mod.ts";
import { type Connection, type Json, log, type Message, textOf } from "../wire/mod.ts";
import { Client } from "./_client.ts";
import { debugRefusal } from "./_debug.ts";
import { OpenComms } from "./_comms.ts";
import { evaluate, type Outcome } from "./_evaluation.ts";
import { failureOf } from "./_failures.ts";
import { HelpQueue } from "./_help_queue.ts";
import { History } from "./_history.ts";
import { EvaluatorKeeper } from "./_keeper.ts";
import { KERNEL_INFO } from "./_kernel_info.ts";
import { Outputs } from "./_outputs.ts";
import { Pace } from "./_pace.ts";
import { Questions } from "./_questions.ts";
import { RequestQueue } from "./_requests.ts";
import { RunningCell } from "./_running_cell.ts";

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
  readonly #comms = new OpenComms();
  readonly #outputs: Outputs;
  readonly #pace: Pace;
  readonly #questions: Questions;
  readonly #requests = new RequestQueue();
  readonly #help = new HelpQueue();
  readonly #history = new History();
  readonly #language: Language;
  readonly #keeper: EvaluatorKeeper;
  #cell: RunningCell | undefined;
  #stopped = false;

  constructor(connection: Connection, options: RelayOptions) {
    this.#client = new Client(connection);
    this.#outputs = new Outputs(this.#client, this.#comms);
    this.#pace = new Pace(this.#client);
    this.#questions = new Questions(this.#client);
    this.#keeper = new EvaluatorKeeper({
      ...options,
      onOutput: (output) => this.#outputs.receive(output),
      onInputRequest: (content, answer) => {
        if (!this.#cell) return answer(null);
        this.#outputs.flush();
        this.#questions.ask(content, answer);
      },
      whenRoom: () => this.#pace.whenRoom(),
      isBusy: () => this.#cell !== undefined,
      onRestart: () => {
        this.#client.status("restarting", this.#outputs.parent);
        this.#comms.clear();
        this.#language.forget();
      },
      tell: (line) => this.#tell(line),
    });
    this.#language = new Language({
      ...options,
      typeErrors: Deno.env.get("DENO_KERNEL_TYPE_ERRORS"),
    });
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

  /** Stops the cell that runs, or what one has left behind in a timer. */
  interrupt(): void {
    if (!this.#cell) return void this.#keeper.interrupt();
    void this.#cell.interrupt((line) => this.#tell(line));
    this.#pace.hurry();
  }

  /** Ends the evaluator and closes everything. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const evaluator = await this.#keeper.stop();
    this.#language.close();
    await this.#client.whenSent(LAST_WORDS_MS);
    this.#client.close();
    this.#requests.close();
    evaluator?.sideChannel.close();
    await evaluator?.ended;
  }

  async #readShell(): Promise<void> {
    for await (const message of this.#client.read("shell")) await this.#requests.push(message);
  }

  async #readInput(): Promise<void> {
    for await (const { header, content } of this.#client.read("stdin")) {
      if (header.msg_type === "input_reply") this.#questions.answer(textOf(content, "value"));
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
        case "debug_request":
          reply("debug_reply", debugRefusal(content));
          break;
        default:
          log(`No answer on the control channel to ${header.msg_type}`);
      }
      this.#client.status("idle", header);
    }
  }

  async #serve(): Promise<void> {
    for (let request; (request = await this.#requests.next());) {
      const { header } = request;
      this.#client.status("busy", header);
      if (header.msg_type === "inspect_request") {
        await this.#help.add(() => this.#inspect(request));
        continue;
      }
      try {
        await this.#answer(request);
      } catch (error) {
        this.#cell = undefined;
        log(`Cannot answer ${header.msg_type}: ${error instanceof Error ? error.stack : error}`);
        if (header.msg_type === "execute_request") { // a client waits for its reply
          this.#conclude(request, this.#outputs.count, {
            failure: failureOf("KernelError", String(error)),
          });
        }
      }
      this.#client.status("idle", header);
    }
  }

  /** Answers beside the requests that follow: no cell waits for the language server. */
  async #inspect(request: Message): Promise<void> {
    try {
      const answer = await this.#language.inspect(request.content);
      this.#client.reply(request, "inspect_reply", answer);
    } finally {
      this.#client.status("idle", request.header);
      if (this.#cell) this.#client.status("busy", this.#outputs.parent); // front ends show the last
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
          await this.#language.complete(
            content,
            await this.#livingNames(content),
            this.#requests.whenWorkWaits(),
          ),
        );
      case "comm_info_request":
        return reply("comm_info_reply", this.#comms.info(content));
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
    const outputs = this.#outputs.begin(header, { counted: stored });
    const cell = this.#begin(outputs.number);
    this.#questions.begin(request);
    if (!silent) {
      this.#client.publish("execute_input", header, { code, execution_count: outputs.count });
    }
    const outcome = await evaluate(request, cell, {
      language: this.#language,
      count: stored ? outputs.count : undefined,
      readyEvaluator: () => this.#keeper.ready(),
      onReply: () => this.#pace.finish(),
      tell: outputs.tell,
    }).finally(() => {
      this.#pace.slow();
      cell.end();
      this.#questions.end();
      outputs.end();
    });
    const { failure } = outcome;
    const dead = failure && cell.evaluator?.death !== undefined ? cell.evaluator : undefined;
    if (!dead) this.#cell = undefined;
    if (stored) this.#history.add(outputs.count, code, outputs.result);
    this.#conclude(request, outputs.count, outcome);
    if (failure && !silent && content.stop_on_error !== false) await this.#abortWaiting();
    if (dead) {
      this.#cell = undefined;
      await this.#keeper.revive(dead).catch(() => {}); // told already
    }
    if (!failure && !outcome.help) this.#language.remember(code);
  }

  /** What runs now can be interrupted. */
  #begin(number: number): RunningCell {
    this.#pace.slow();
    return this.#cell = new RunningCell(number);
  }

  /** The reply to a cell, behind its error. */
  #conclude(request: Message, execution_count: number, outcome: Outcome): void {
    const { failure, expressions = {}, help } = outcome;
    const { header, content } = request;
    const { ename, evalue, traceback } = failure ?? {};
    if (failure && content.silent !== true) {
      this.#client.publish("error", header, { ename, evalue, traceback });
    }
    this.#client.reply(request, "execute_reply", {
      status: failure ? "error" : "ok",
      execution_count,
      ...failure ? { ename, evalue, traceback } : {
        payload: help ? [{ source: "page", data: help, start: 0 }] : [],
        user_expressions: expressions,
      },
    });
  }

  /** As ipykernel: cells that wait behind a failed one are not run. */
  async #abortWaiting(): Promise<void> {
    for (const request of await this.#requests.takeCells()) {
      this.#client.status("busy", request.header);
      const answer = { status: "aborted", execution_count: this.#outputs.count };
      this.#client.reply(request, "execute_reply", answer);
      this.#client.status("idle", request.header);
    }
  }

  async #comm({ header, content, metadata, buffers }: Message): Promise<void> {
    this.#comms.note(header.msg_type, content);
    const message = JSON.stringify({
      type: header.msg_type,
      content,
      metadata,
      buffers: buffers.map((buffer) => buffer.toString("base64")),
    });
    const outputs = this.#outputs.begin(header, { passing: true });
    const cell = this.#begin(outputs.number);
    const evaluator = await this.#keeper.ready();
    cell.takenBy(evaluator);
    const reply = await evaluator.evaluate(`await __kernel.comm(${cell.number},${message})`);
    this.#pace.finish();
    await evaluator.drained();
    this.#pace.slow();
    cell.end();
    this.#cell = undefined;
    outputs.end();
    if (!reply) await this.#keeper.revive(evaluator);
  }

  /** The evaluator's own completions, of objects that are there. */
  async #livingNames(content: Json): Promise<Json | undefined> {
    const evaluator = await this.#keeper.ready();
    return (await evaluator.ask("complete_request", content))?.content;
  }

  #tell(line: string): void {
    this.#outputs.stream("stderr", `${line}\n`);
  }
}
