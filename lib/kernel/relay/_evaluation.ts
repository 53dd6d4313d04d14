import type { Evaluator } from "../evaluator/mod.ts";
import { type Language, nameInQuestion } from "../language/mod.ts";
import { isJson, type Json, type Message, textOf } from "../wire/mod.ts";
import {
  died,
  type Failure,
  failureIn,
  failureOf,
  INTERRUPTED,
  syntaxError,
  typeErrors,
} from "./_failures.ts";
import type { RunningCell } from "./_running_cell.ts";

/** What came of a cell: the failure, or the values of the request's `user_expressions`, or help. */
export interface Outcome {
  readonly failure?: Failure;
  readonly expressions?: Json;
  /** Of a cell that asks about a name: what front ends show in a pager, or below it. */
  readonly help?: Json;
}

export interface CellEvaluationOptions {
  readonly language: Language;
  /** The number shown beside the cell. */
  readonly count: number | undefined;
  /** The evaluator, or another one if it has ended. */
  readyEvaluator(): Promise<Evaluator>;
  /** Called when the evaluator has ended the cell, whose outputs may still be on their way. */
  onReply(): void;
  /** Shows text in the cell, also when it is over. */
  tell(text: string): void;
}

/** Evaluates a cell to its last output. */
export async function evaluate(
  { header, content, metadata }: Message,
  cell: RunningCell,
  { language, count, readyEvaluator, onReply, tell }: CellEvaluationOptions,
): Promise<Outcome> {
  const code = textOf(content, "code");
  const name = nameInQuestion(code);
  if (name !== undefined) return await helpOn(name, language, cell.dropped);
  const rewriting = language.rewrite(code, cell.number, count);
  const rewritten = await Promise.race([rewriting, cell.dropped]);
  if (rewritten === "dropped") {
    language.restart();
    return { failure: INTERRUPTED };
  }
  if (rewritten.fault) return { failure: syntaxError(rewritten.fault) };
  const wrong = content.silent === true
    ? undefined
    : await Promise.race([language.check(code, tell), cell.dropped]);
  if (wrong !== undefined) {
    return { failure: wrong === "dropped" ? INTERRUPTED : typeErrors(wrong) };
  }
  const evaluator = await Promise.race([readyEvaluator(), cell.dropped]);
  if (evaluator === "dropped" || cell.isInterrupted) return { failure: INTERRUPTED };
  cell.takenBy(evaluator);
  const reply = await evaluator.request(header, { ...content, code: rewritten.code }, metadata);
  onReply();
  await evaluator.drained();
  if (!reply) return { failure: died(await evaluator.ended) };
  if (reply.content.status === "ok") {
    const expressions = await expressionsOf(content.user_expressions, evaluator);
    return evaluator.death === undefined ? { expressions } : { failure: died(evaluator.death) };
  }
  if (cell.isTerminated) return { failure: INTERRUPTED };
  const failure = failureIn(reply.content);
  if (failure.ename === INTERRUPTED.ename) return { failure };
  if (failure.evalue !== "Execution failed") return { failure: await whole(failure, evaluator) };
  return { failure: await importFailure(rewritten.imports, evaluator) };
}

/** What is known of a name. */
async function helpOn(
  name: string,
  language: Language,
  dropped: Promise<"dropped">,
): Promise<Outcome> {
  const asked = language.inspect({ code: name, cursor_pos: [...name].length });
  const found = await Promise.race([asked, dropped]);
  if (found === "dropped") return { failure: INTERRUPTED };
  const unknown = { "text/plain": `Nothing is known of ${name}` };
  return { help: found.found === true ? found.data as Json : unknown };
}

/** An error with what caused it, which Deno's kernel does not tell. */
async function whole(failure: Failure, evaluator: Evaluator): Promise<Failure> {
  const stack = failure.traceback.join("\n");
  const { value } = await evaluator.query(`__kernel.withCauses(${JSON.stringify(stack)})`);
  return typeof value === "string" ? { ...failure, traceback: value.split("\n") } : failure;
}

/** Why a module cannot be imported: Deno's kernel says no more than that the execution failed. */
async function importFailure(imports: readonly string[], evaluator: Evaluator): Promise<Failure> {
  const { value } = await evaluator.query(`__kernel.importFault(${JSON.stringify(imports)})`);
  const message = typeof value === "string"
    ? value
    : "Cannot evaluate this cell: Deno says no more";
  return failureOf("ImportError", message);
}

/** The values of `user_expressions`, each as a client shows a result, or its error. */
async function expressionsOf(asked: unknown, evaluator: Evaluator): Promise<Json> {
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
