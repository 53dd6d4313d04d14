/**
 * Answers what the relay asks about code; see `_language.ts`.
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
  completeness: "complete" | "incomplete" | "invalid";
  complete: Completions;
  inspect: Inspection | undefined;
  remember: void;
  forget: void;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ id: number; question: Question }>) => void;
  postMessage(data: { id: number; answer: unknown }): void;
};
let notebook = new Notebook();

scope.onmessage = ({ data: { id, question } }) => {
  scope.postMessage({ id, answer: answer(question) });
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
