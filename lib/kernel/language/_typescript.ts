import { pathToFileURL } from "node:url";
import { log } from "../wire/mod.ts";
import { framed } from "./_framed.ts";
import type { NotebookText } from "./_notebook.ts";
import type { Rewritten } from "./_rewrite.ts";
import type { Answer, Answers, Question } from "./_worker.ts";

/** How long an answer may take, in milliseconds, before nobody waits for it any more. */
const PATIENCE_MS = 15_000;
/** A worker that cannot even start is not started without end. */
const RESTART_MS = 500;

/** TypeScript, in a worker: it loads while the evaluator starts, and never holds up messages. */
export class TypeScriptWorker {
  #worker = this.#start();
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #base: string;
  #questions = 0;
  #closed = false;

  /** @param folder relative imports start there */
  constructor(folder: string) {
    this.#base = `${pathToFileURL(folder).href.replace(/\/$/, "")}/`;
  }

  /**
   * What to evaluate. Where TypeScript fails at a cell it is evaluated as it is: its awaits cannot be
   * interrupted, and some values are not shown.
   */
  async rewrite(code: string, cell: number, count: number | undefined): Promise<Rewritten> {
    const rewritten = await this.#ask({ type: "rewrite", code, cell, count, base: this.#base });
    return rewritten ?? { code: framed(code, code, { cell, count }), imports: [] };
  }

  /** Whether a cell could go on; unknown where TypeScript does not say in time. */
  async completeness(code: string): Promise<Answers["completeness"]> {
    return await this.#askSoon({ type: "completeness", code }) ?? "unknown";
  }

  /** Later cells see what this one, which was evaluated, declares. */
  remember(code: string): void {
    void this.#ask({ type: "remember", code });
  }

  /** The variables are gone. */
  forget(): void {
    void this.#ask({ type: "forget" });
  }

  /** A cell behind the earlier ones, all or the first few, for the language server. */
  show(code: string, earlier?: number): Promise<NotebookText | undefined> {
    return this.#askSoon({ type: "show", code, earlier });
  }

  /** Gives up what the worker is at; declarations of earlier cells are forgotten. */
  restart(): void {
    if (this.#closed) return;
    this.#worker.terminate();
    for (const give of this.#waiting.values()) give(undefined);
    this.#worker = this.#start();
  }

  close(): void {
    this.#closed = true;
    this.#worker.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./_worker.ts", import.meta.url), {
      type: "module",
      name: "typescript",
    });
    worker.onmessage = ({ data: { id, answer, fault } }: MessageEvent<Answer>) => {
      if (fault !== undefined) log(fault);
      this.#waiting.get(id)?.(answer);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      log(`TypeScript failed: ${event.message}`);
      setTimeout(() => this.restart(), RESTART_MS);
    };
    return worker;
  }

  /** What does not come in time is not known. */
  async #askSoon<Q extends Question>(question: Q): Promise<Answers[Q["type"]] | undefined> {
    const late = setTimeout(() => this.restart(), PATIENCE_MS);
    const answer = await this.#ask(question);
    clearTimeout(late);
    return answer;
  }

  #ask<Q extends Question>(question: Q): Promise<Answers[Q["type"]] | undefined> {
    const id = ++this.#questions;
    const { promise, resolve } = Promise.withResolvers<Answers[Q["type"]] | undefined>();
    this.#waiting.set(id, (answer) => {
      this.#waiting.delete(id);
      resolve(answer as Answers[Q["type"]] | undefined);
    });
    this.#worker.postMessage({ id, question });
    return promise;
  }
}
