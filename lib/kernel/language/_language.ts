import { pathToFileURL } from "node:url";
import { type Json, log, textOf } from "../wire/mod.ts";
import type { Rewritten } from "./_rewrite.ts";
import type { Answer, Answers, Question } from "./_worker.ts";

/** Answers of a worker that does not know: TypeScript failed, or takes too long. */
const UNKNOWN: Omit<Answers, "rewrite"> = {
  completeness: "unknown",
  complete: { matches: [], start: 0 },
  inspect: undefined,
  remember: undefined,
  forget: undefined,
};
/** How long an answer may take, in milliseconds, before cells stop waiting for it. */
const PATIENCE_MS = 15_000;
/** A worker that cannot even start is not started without end. */
const RESTART_MS = 500;

/** TypeScript, in a worker: it loads while the evaluator starts, and never holds up messages. */
export class Language {
  #worker = this.#startWorker();
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #base: string;
  #questions = 0;
  #closed = false;

  constructor({ cwd }: { readonly cwd: string }) {
    this.#base = `${pathToFileURL(cwd).href.replace(/\/$/, "")}/`;
  }

  /**
   * What to evaluate. Where TypeScript fails at a cell it is evaluated as it is: its awaits cannot be
   * interrupted, and some values are not shown.
   */
  rewrite(code: string, cell: number): Promise<Rewritten> {
    const unchanged = { code: `__kernel.begin(${cell});${code}`, imports: [] };
    return this.#ask({ type: "rewrite", code, cell, base: this.#base }, unchanged);
  }

  /** Later cells see what this one, which was evaluated, declares. */
  remember(code: string): void {
    void this.#ask({ type: "remember", code }, undefined);
  }

  /** The variables are gone. */
  forget(): void {
    void this.#ask({ type: "forget" }, undefined);
  }

  /** Gives up what the worker is at; declarations of earlier cells are forgotten. */
  restart(): void {
    if (this.#closed) return;
    this.#worker.terminate();
    for (const give of this.#waiting.values()) give(undefined);
    this.#worker = this.#startWorker();
  }

  /** The content of an `is_complete_reply`. */
  async completeness(code: string): Promise<Json> {
    const status = await this.#askSoon({ type: "completeness", code });
    return status === "incomplete" ? { status, indent: "" } : { status };
  }

  /**
   * The content of a `complete_reply`: the names in living objects, then those that the types
   * promise.
   *
   * @param living the evaluator's own reply, if it gave one
   */
  async complete(content: Json, living: Json | undefined): Promise<Json> {
    const { code, cursor } = cursorOf(content);
    const typed = await this.#askSoon({ type: "complete", code, cursor });
    const { matches, cursor_start: start } = living ?? {};
    const names = Array.isArray(matches) ? matches.map(String) : [];
    const aligned = typeof start === "number" && names.length > 0 ? start : undefined;
    const prefix = aligned === undefined
      ? ""
      : [...code].slice(aligned, countCodePoints(code, typed.start)).join("");
    return {
      status: "ok",
      matches: [...new Set([...names, ...typed.matches.map((name) => prefix + name)])],
      cursor_start: aligned ?? countCodePoints(code, typed.start),
      cursor_end: content.cursor_pos ?? [...code].length,
      metadata: {},
    };
  }

  /** The content of an `inspect_reply`: what TypeScript knows about the name at the cursor. */
  async inspect(content: Json): Promise<Json> {
    const found = await this.#askSoon({ type: "inspect", ...cursorOf(content) });
    if (found === undefined) return { status: "ok", found: false, data: {}, metadata: {} };
    const plain = found.documentation
      ? `${found.signature}\n\n${found.documentation}`
      : found.signature;
    const markdown = `\`\`\`ts\n${found.signature}\n\`\`\`\n\n${found.documentation}`;
    const data = { "text/plain": plain, "text/markdown": markdown };
    return { status: "ok", found: true, data, metadata: {} };
  }

  close(): void {
    this.#closed = true;
    this.#worker.terminate();
  }

  #startWorker(): Worker {
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
  async #askSoon<Q extends Question & { type: keyof typeof UNKNOWN }>(
    question: Q,
  ): Promise<Answers[Q["type"]]> {
    const late = setTimeout(() => this.restart(), PATIENCE_MS);
    const answer = await this.#ask(question, UNKNOWN[question.type]);
    clearTimeout(late);
    return answer as Answers[Q["type"]];
  }

  #ask<T>(question: Question, otherwise: T): Promise<T> {
    const id = ++this.#questions;
    const { promise, resolve } = Promise.withResolvers<T>();
    this.#waiting.set(id, (answer) => {
      this.#waiting.delete(id);
      resolve(answer === undefined ? otherwise : answer as T);
    });
    this.#worker.postMessage({ id, question });
    return promise;
  }
}

/** Jupyter counts code points, TypeScript UTF-16 units. */
function cursorOf(content: Json): { code: string; cursor: number } {
  const code = textOf(content, "code");
  const { cursor_pos: position } = content;
  if (typeof position !== "number") return { code, cursor: code.length };
  return { code, cursor: [...code].slice(0, position).join("").length };
}

function countCodePoints(code: string, units: number): number {
  return [...code.slice(0, units)].length;
}
