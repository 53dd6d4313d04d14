import { Client } from "./_client.ts";
import type { Connection } from "./_connection.ts";
import { Evaluator } from "./_evaluator_process.ts";
import { History } from "./_history.ts";
import { interruptCell, type RunningCell, runningCell } from "./_interrupts.ts";
import { KERNEL_INFO } from "./_kernel_info.ts";
import { Language } from "./_language.ts";
import { log } from "./_log.ts";
import { type Header, type Json, type Message, textOf } from "./_message.ts";
import { Outputs } from "./_outputs.ts";

export interface RelayOptions {
  /** The folder of the notebook. */
  readonly cwd: string;
  /** The folder whose deno.json applies to the cells. */
  readonly project?: string | undefined;
}

interface Failure {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
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
  /** The evaluator, or the one that is starting. */
  #evaluator: Promise<Evaluator>;
  #alive: Evaluator | undefined;
  #cell: RunningCell | undefined;
  #cells = 0;
  /** Who is asked for input. */
  #asker: Pick<Message, "ids" | "header"> | undefined;
  #stopped = false;

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
    if (!this.#cell || !this.#alive) return;
    void interruptCell(this.#cell, this.#alive, (line) => this.#tell(line));
  }

  /** Ends the evaluator and closes everything. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const evaluator = await this.#evaluator.catch(() => undefined);
    evaluator?.kill();
    await evaluator?.ended;
    this.#language.close();
    this.#client.close();
    this.#wake?.();
  }

  async #readShell(): Promise<void> {
    for await (const message of this.#client.read("shell")) {
      this.#requests.push(message);
      this.#wake?.();
    }
  }

  async #readInput(): Promise<void> {
    for await (const { content } of this.#client.read("stdin")) this.#alive?.answerInput(content);
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
          await reply("interrupt_reply", { status: "ok" });
          break;
        case "kernel_info_request":
          await reply("kernel_info_reply", KERNEL_INFO);
          break;
        case "shutdown_request": {
          const answer = { status: "ok", restart: content.restart === true };
          await this.#client.publish("shutdown_reply", header, answer);
          await reply("shutdown_reply", answer);
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
      if (!request) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      const { header } = request;
      this.#client.status("busy", header);
      try {
        await this.#answer(request);
      } catch (error) {
        log(`Cannot answer ${header.msg_type}: ${error instanceof Error ? error.stack : error}`);
        await this.#fail(request, failureOf("KernelError", String(error)));
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
        return await reply("kernel_info_reply", KERNEL_INFO);
      case "history_request":
        return await reply("history_reply", this.#history.answer(content));
      case "is_complete_request":
        return await reply(
          "is_complete_reply",
          await this.#language.completeness(textOf(content, "code")),
        );
      case "complete_request":
        return await reply(
          "complete_reply",
          await this.#language.complete(content, await this.#evaluator),
        );
      case "inspect_request":
        return await reply("inspect_reply", await this.#language.inspect(content));
      case "comm_info_request":
        return await reply("comm_info_reply", this.#commInfo(content));
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        return await this.#comm(request);
      default:
        log(`No answer on the shell channel to ${header.msg_type}`);
    }
  }

  async #execute(request: Message): Promise<void> {
    const { header, content, metadata } = request;
    const code = textOf(content, "code");
    const silent = content.silent === true;
    const stored = !silent && content.store_history !== false;
    const outputs = this.#outputs;
    if (stored) outputs.count++;
    outputs.flush(); // what came between the cells belongs to the one before
    outputs.parent = header;
    outputs.lastResult = undefined;
    this.#asker = request;
    if (!silent) {
      void this.#client.publish("execute_input", header, { code, execution_count: outputs.count });
    }
    const number = ++this.#cells;
    const rewritten = await this.#language.rewrite(code, number);
    const failure = rewritten.fault
      ? syntaxError(rewritten.fault.message, rewritten.fault.traceback)
      : await this.#evaluate(
        number,
        { ...content, code: rewritten.code },
        metadata,
        header,
        rewritten.imports,
      );
    if (stored) this.#history.add(outputs.count, code, outputs.lastResult);
    if (failure?.shown === false && !silent) {
      const { ename, evalue, traceback } = failure;
      await this.#client.publish("error", header, { ename, evalue, traceback });
    }
    const { ename, evalue, traceback } = failure ?? {};
    await this.#client.reply(request, "execute_reply", {
      status: failure ? "error" : "ok",
      execution_count: outputs.count,
      ...failure ? { ename, evalue, traceback } : { payload: [], user_expressions: {} },
    });
    if (failure && !silent && content.stop_on_error !== false) await this.#abortWaiting();
    if (failure?.died) await this.#revive(await this.#evaluator);
    if (!failure && !rewritten.fault) this.#language.remember(code);
  }

  /** Evaluates a rewritten cell to its last output; the failure, if it fails. */
  async #evaluate(
    number: number,
    content: Json,
    metadata: Json,
    header: Header,
    imports: readonly string[],
  ): Promise<Failure & { readonly shown: boolean; readonly died?: boolean } | undefined> {
    const evaluator = await this.#evaluator;
    const cell = this.#cell = runningCell(number);
    this.#outputs.holdErrors = true;
    // Both at once: the second waits in the evaluator, and a round trip is saved.
    const [reply] = await Promise.all([
      evaluator.request(header, content, metadata),
      evaluator.drained(),
    ]);
    cell.over = true;
    this.#cell = undefined;
    this.#outputs.holdErrors = false;
    const failed = reply?.content.status !== "ok";
    this.#outputs.finish({ withErrors: !(failed && cell.terminated) });
    if (!failed) return undefined;
    if (!reply) {
      const why = `The evaluator ended (${evaluator.death}): its variables are lost, a new one ` +
        "is started";
      return { ...failureOf("KernelDied", why), shown: false, died: true };
    }
    if (cell.terminated) return { ...failureOf("KeyboardInterrupt", "interrupted"), shown: false };
    const ename = textOf(reply.content, "ename"), evalue = textOf(reply.content, "evalue");
    const traceback = Array.isArray(reply.content.traceback)
      ? reply.content.traceback.map(String)
      : [];
    if (evalue !== "Execution failed") return { ename, evalue, traceback, shown: true };
    // Deno's kernel says no more than this when a module cannot be resolved.
    const why = await evaluator.query(`__kernel.importFault(${JSON.stringify(imports)})`);
    const message = typeof why === "string" ? why : "Cannot evaluate this cell: Deno says no more";
    return { ...failureOf("ImportError", message), shown: false };
  }

  /** Tells of a failure of the relay itself: a client waits for its reply. */
  async #fail(request: Message, { ename, evalue, traceback }: Failure): Promise<void> {
    if (request.header.msg_type !== "execute_request") return;
    const failure = { ename, evalue, traceback };
    await this.#client.publish("error", request.header, failure);
    await this.#client.reply(request, "execute_reply", {
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
      await this.#client.reply(request, "execute_reply", answer);
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
    const evaluator = await this.#evaluator;
    const before = this.#outputs.parent;
    this.#outputs.flush();
    this.#outputs.parent = header;
    const cell = this.#cell = runningCell(++this.#cells);
    const reply = await evaluator.evaluate(`await __kernel.comm(${cell.number},${message})`);
    await evaluator.drained();
    cell.over = true;
    this.#cell = undefined;
    this.#outputs.finish();
    this.#outputs.parent = before;
    if (!reply) await this.#revive(evaluator);
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

  #startEvaluator(): Promise<Evaluator> {
    const starting = Evaluator.start({
      cwd: this.#options.cwd,
      project: this.#options.project,
      onOutput: (message) => this.#outputs.receive(message),
      onInputRequest: ({ header, content }) => {
        if (!this.#asker || header.msg_type !== "input_request") return;
        const { ids, header: parent } = this.#asker;
        void this.#client.send("stdin", { ids, header, parent, content });
      },
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

  /** An evaluator that ends while no cell runs is replaced at once, and the user told. */
  #diedIdle(evaluator: Evaluator, death: string): void {
    if (this.#stopped || this.#cell || this.#alive !== evaluator) return;
    this.#tell(`The evaluator ended (${death}): its variables are lost, a new one is started`);
    this.#revive(evaluator).catch((error) => log(String(error)));
  }

  #tell(line: string): void {
    this.#outputs.stream("stderr", `${line}\n`);
  }
}

function failureOf(ename: string, evalue: string): Failure {
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] };
}

function syntaxError(evalue: string, traceback: readonly string[]) {
  return { ename: "SyntaxError", evalue, traceback, shown: false, died: false };
}
