/**
 * Answers what the relay asks about code; see `TypeScriptWorker`.
 *
 * @module
 */
import { Notebook, type NotebookText } from "./_notebook.ts";
import { completeness } from "./_parse.ts";
import { rewrite, type Rewritten } from "./_rewrite.ts";

export type Question =
  | {
    readonly type: "rewrite";
    readonly code: string;
    readonly cell: number;
    readonly count: number | undefined;
    readonly base: string;
  }
  | { readonly type: "completeness" | "remember"; readonly code: string }
  | { readonly type: "show"; readonly code: string; readonly earlier?: number | undefined }
  | { readonly type: "forget" };

export interface Answers {
  rewrite: Rewritten;
  completeness: "complete" | "incomplete" | "invalid" | "unknown";
  show: NotebookText | undefined;
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
    // The parser goes into code as deep as it is nested: the stack may overflow.
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
    case "show":
      return notebook.show(question.code, question.earlier);
  }
}
