import type { SyntaxFault } from "../language/mod.ts";
import { type Json, textOf } from "../wire/mod.ts";

/** Why a cell failed, as clients are told. */
export interface Failure {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export const INTERRUPTED: Failure = failureOf("KeyboardInterrupt", "interrupted");

export function failureOf(ename: string, evalue: string): Failure {
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] };
}

/** Of a cell in which the evaluator ended. */
export function died(death: string): Failure {
  return failureOf("KernelDied", obituary(death));
}

/** What the user is told of an evaluator that ended. */
export function obituary(death: string): string {
  return `The evaluator ended (${death}): its variables are lost, a new one is started`;
}

export function syntaxError({ message, traceback }: SyntaxFault): Failure {
  return { ename: "SyntaxError", evalue: message, traceback };
}

/** Of a cell whose type errors keep it from running. */
export function typeErrors(text: string): Failure {
  const [first = "", ...rest] = text.trimEnd().split("\n");
  return { ename: "TypeCheckError", evalue: first, traceback: [first, ...rest] };
}

/** What a reply says of an error; of what is thrown and no error there is no traceback. */
export function failureIn(content: Json): Failure {
  const { traceback } = content;
  const lines = Array.isArray(traceback) ? traceback.map(String) : [];
  const failure = failureOf(textOf(content, "ename"), textOf(content, "evalue"));
  return lines.join("") === "" ? failure : { ...failure, traceback: lines };
}
