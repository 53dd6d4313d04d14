/**
 * Answers what the relay asks about code; see `Language`.
 *
 * @module
 */
import { completeness, rewrite, type Rewritten } from "./_rewrite.ts";
import { type Completions, type Inspection, Notebook } from "./_notebook.ts";

export type Question =
  | {
    readonly type: "rewrite";
    readonly code: string;
    readonly cell: number;
    readonly base: string;
  }
  | { readonly type: "completeness" | "remember"; readonly code: string }
  | { readonly type: "complete" | "inspect"; readonly code: string; readonly cursor: number }
  | { readonly type: "forget" };

export interface Answers {
  rewrite: Rewritten;
  completeness: "complete" | "incomplete" | "invalid" | "unknown";
  complete: Completions;
  inspect: Inspection | undefined;
  remember: void;
  forget: void;
}

/** An answer; none where TypeScript failed. */
export interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  /** Why there is none. */
  readonly fault?: string;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ id: number; question: Question }>) => void;
  postMessage(data: Answer): void;
};
let notebook = new Notebook();

scope.onmessage = ({ data: { id, question } }) => {
  try {
    scope.postMessage({ id, answer: answer(question) });
  } catch (error) {
    // The parser and the checker go into code as deep as it is nested: the stack may overflow.
    if (question.type === "complete" || question.type === "inspect") notebook = new Notebook();
    scope.postMessage({ id, fault: `TypeScript failed at a cell (${question.type}): ${error}` });
  }
};

function answer(question: Question): Answers[Question["type"]] {
  switch (question.type) {
    case "rewrite":
      return rewrite(question.code, question);
    case "completeness":
      return completeness(question.code);
    case "remember":
      return notebook.remember(question.code);
    case "forget":
      return void (notebook = new Notebook());
    case "complete":
      return notebook.complete(question.code, question.cursor);
    case "inspect":
      return notebook.inspect(question.code, question.cursor);
  }
}
