import { pathToFileURL } from "node:url";
import type { Evaluator } from "./_evaluator_process.ts";
import type { Answers, Question } from "./_language_worker.ts";
import { type Json, textOf } from "./_message.ts";
import type { Rewritten } from "./_rewrite.ts";

/** TypeScript, in a worker: it loads while the evaluator starts, and never holds up messages. */
export class Language {
  readonly #worker = new Worker(new URL("./_language_worker.ts", import.meta.url), {
    type: "module",
    name: "typescript",
  });
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #base: string;
  #questions = 0;

  constructor({ cwd }: { readonly cwd: string }) {
    this.#base = `${pathToFileURL(cwd).href.replace(/\/$/, "")}/`;
    this.#worker.onmessage = ({ data }: MessageEvent<{ id: number; answer: unknown }>) => {
      this.#waiting.get(data.id)?.(data.answer);
      this.#waiting.delete(data.id);
    };
  }

  rewrite(code: string, cell: number): Promise<Rewritten> {
    return this.#ask({ type: "rewrite", code, cell, base: this.#base });
  }

  /** Later cells see what this one, which was evaluated, declares. */
  remember(code: string): void {
    void this.#ask({ type: "remember", code });
  }

  /** The variables are gone. */
  forget(): void {
    void this.#ask({ type: "forget" });
  }

  /** The content of an `is_complete_reply`. */
  async completeness(code: string): Promise<Json> {
    const status = await this.#ask({ type: "completeness", code });
    return status === "incomplete" ? { status, indent: "" } : { status };
  }

  /**
   * The content of a `complete_reply`: the names that the evaluator sees in living objects, then
   * those that the types promise.
   */
  async complete(content: Json, evaluator: Evaluator): Promise<Json> {
    const { code, cursor } = cursorOf(content);
    const living = await evaluator.ask("complete_request", content);
    const typed = await this.#ask({ type: "complete", code, cursor });
    const { matches, cursor_start: start } = living?.content ?? {};
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
    const found = await this.#ask({ type: "inspect", ...cursorOf(content) });
    if (found === undefined) return { status: "ok", found: false, data: {}, metadata: {} };
    const plain = found.documentation
      ? `${found.signature}\n\n${found.documentation}`
      : found.signature;
    const markdown = `\`\`\`ts\n${found.signature}\n\`\`\`\n\n${found.documentation}`;
    const data = { "text/plain": plain, "text/markdown": markdown };
    return { status: "ok", found: true, data, metadata: {} };
  }

  close(): void {
    this.#worker.terminate();
  }

  #ask<Q extends Question>(question: Q): Promise<Answers[Q["type"]]> {
    const id = ++this.#questions;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, resolve);
    this.#worker.postMessage({ id, question });
    return promise as Promise<Answers[Q["type"]]>;
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
