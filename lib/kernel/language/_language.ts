import { type Json, textOf } from "../wire/mod.ts";
import { completionsIn, hoverIn, plainOf, signatureIn } from "./_help.ts";
import { toText } from "./_notebook.ts";
import type { Rewritten } from "./_rewrite.ts";
import { LanguageServer, type Place } from "./server/mod.ts";
import {
  type TypeErrors,
  typeErrorsIn,
  typeErrorsSetting,
  typeErrorsSwitch,
} from "./_type_errors.ts";
import { TypeScriptWorker } from "./_typescript.ts";

/** How long whoever types waits for a list of names, in milliseconds. */
const COMPLETE_MS = 3000;
/** Types are checked when so long no cell came: cells that follow each other closely go first. */
const QUIET_MS = 300;
/** Of cells that wait to be checked, the latest. */
const MAX_CHECKS = 20;

export interface LanguageOptions {
  /** The folder of the notebook. */
  readonly cwd: string;
  /** The folder whose deno.json applies; default `cwd`. */
  readonly project?: string | undefined;
  /** What is done with type errors, until a cell says otherwise; default warnings. */
  readonly typeErrors?: string | undefined;
}

interface Check {
  readonly code: string;
  /** How many cells it sees. */
  readonly earlier: number;
  tell(errors: string): void;
}

/**
 * What is known about cells: TypeScript's parser rewrites them; Deno's language server, which starts
 * when it is first needed, knows their types. No cell waits for the server, unless type errors are to
 * keep cells from running.
 */
export class Language {
  readonly #typescript: TypeScriptWorker;
  readonly #server: LanguageServer;
  #typeErrors: TypeErrors;
  #remembered = 0;
  #checks: Check[] = [];
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor({ cwd, project = cwd, typeErrors }: LanguageOptions) {
    this.#typescript = new TypeScriptWorker(cwd);
    this.#server = new LanguageServer({ folder: project });
    this.#typeErrors = typeErrorsSetting(typeErrors);
  }

  /**
   * What to evaluate instead of a cell.
   *
   * @param count the number shown beside it, which stack traces name
   */
  rewrite(code: string, cell: number, count?: number): Promise<Rewritten> {
    return this.#typescript.rewrite(code, cell, count);
  }

  /** Later cells see what this one, which was evaluated, declares. */
  remember(code: string): void {
    this.#remembered++;
    this.#typescript.remember(code);
  }

  /** The variables are gone. */
  forget(): void {
    this.#remembered = 0;
    this.#checks = [];
    this.#typescript.forget();
  }

  /** Gives up a cell that takes too long; declarations of earlier cells are forgotten. */
  restart(): void {
    this.forget();
    this.#typescript.restart();
  }

  /** The content of an `is_complete_reply`. */
  async completeness(code: string): Promise<Json> {
    const status = await this.#typescript.completeness(code);
    return status === "incomplete" ? { status, indent: "" } : { status };
  }

  /**
   * The content of a `complete_reply`: the names in living objects, then those that the types
   * promise.
   *
   * @param living the evaluator's own reply, if it gave one
   * @param hurry resolves when somebody else waits
   */
  async complete(content: Json, living: Json | undefined, hurry: Promise<void>): Promise<Json> {
    const { code, cursor } = cursorOf(content);
    const word = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, cursor))?.[0] ?? "";
    const wordStart = countCodePoints(code, cursor - word.length);
    const asked = this.#ask("textDocument/completion", code, cursor);
    const typed = completionsIn(await within(COMPLETE_MS, asked, hurry), word);
    const { matches, cursor_start: start } = living ?? {};
    // Deno's kernel lets words begin behind letters that it does not know: those are not meant.
    const fits = Array.isArray(matches) && typeof start === "number" && start <= wordStart;
    const names = fits ? matches.map(String) : [];
    const from = names.length > 0 ? Number(start) : wordStart;
    const prefix = [...code].slice(from, wordStart).join("");
    const end = content.cursor_pos ?? [...code].length;
    const types = typed.map(({ name, type }) => ({ text: prefix + name, type, start: from, end }));
    return {
      status: "ok",
      matches: [...new Set([...names, ...types.map(({ text }) => text)])],
      cursor_start: from,
      cursor_end: end,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  /**
   * The content of an `inspect_reply`: the type and documentation of the name at the cursor or in
   * front of it; within a call's brackets, of the call. The first one waits for the server's start.
   */
  async inspect(content: Json): Promise<Json> {
    const { code, cursor } = cursorOf(content);
    const hover = async (at: number) => hoverIn(await this.#ask("textDocument/hover", code, at));
    const signature = async () =>
      signatureIn(await this.#ask("textDocument/signatureHelp", code, cursor));
    const found = /[(,]\s*$/.test(code.slice(0, cursor))
      ? await signature() ?? await hover(cursor)
      : await hover(cursor) ?? await hover(Math.max(0, cursor - 1)) ?? await signature();
    if (found === undefined) return { status: "ok", found: false, data: {}, metadata: {} };
    const data = { "text/plain": plainOf(found), "text/markdown": found };
    return { status: "ok", found: true, data, metadata: {} };
  }

  /**
   * Checks the types of a cell that is about to run: the errors, if they are to keep it from running;
   * else they are told later.
   */
  async check(code: string, tell: (errors: string) => void): Promise<string | undefined> {
    this.#typeErrors = typeErrorsSwitch(code) ?? this.#typeErrors;
    const earlier = this.#remembered;
    if (this.#typeErrors === "errors") return await this.#errorsOf(code, earlier);
    if (this.#typeErrors === "silent") return;
    this.#checks = [...this.#checks.slice(1 - MAX_CHECKS), { code, earlier, tell }];
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => void this.#checkWaiting(), QUIET_MS);
  }

  close(): void {
    clearTimeout(this.#quiet);
    this.#checks = [];
    this.#typescript.close();
    this.#server.close();
  }

  /** One after another, until the next cell comes. */
  async #checkWaiting(): Promise<void> {
    const quiet = this.#quiet;
    for (let check; this.#quiet === quiet && (check = this.#checks.shift());) {
      const errors = await this.#errorsOf(check.code, check.earlier);
      if (errors !== undefined) check.tell(errors);
    }
  }

  async #errorsOf(code: string, earlier: number): Promise<string | undefined> {
    const notebook = await this.#typescript.show(code, earlier);
    if (!notebook) return undefined;
    const answer = await this.#server.ask(notebook.text, "textDocument/diagnostic");
    return typeErrorsIn(answer, notebook, code);
  }

  /** Asks the server about a place in a cell that is being written. */
  async #ask(method: string, code: string, cursor: number): Promise<unknown> {
    const notebook = await this.#typescript.show(code);
    if (!notebook) return undefined;
    const offset = toText(notebook, cursor);
    return await this.#server.ask(notebook.text, method, placeOf(notebook.text, offset));
  }
}

/** What comes in time, and before somebody else waits. */
async function within<T>(
  milliseconds: number,
  answer: Promise<T>,
  hurry: Promise<void>,
): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, milliseconds, undefined);
  const found = await Promise.race([answer, late.promise, hurry.then(() => undefined)]);
  clearTimeout(timer);
  return found;
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length - 1, character: offset - start };
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
