import { isJson } from "../wire/mod.ts";
import { type NotebookText, toCell } from "./_notebook.ts";

/** What is done with type errors of a cell. */
export type TypeErrors = "warnings" | "errors" | "silent";

/** More are only counted. */
const MAX_SHOWN = 5;

/** What the notebook says in a line of its own, for this cell and later ones. */
export function typeErrorsSwitch(code: string): TypeErrors | undefined {
  const found = /^\s*\/\/\s*type errors:\s*(warnings|errors|silent)\s*$/im.exec(code);
  return found?.[1]?.toLowerCase() as TypeErrors | undefined;
}

/** The setting of the environment variable `DENO_KERNEL_TYPE_ERRORS`; default warnings. */
export function typeErrorsSetting(value: string | undefined): TypeErrors {
  return value === "errors" || value === "silent" ? value : "warnings";
}

/** The type errors of a cell in the server's answer, as they are shown; undefined without any. */
export function typeErrorsIn(
  answer: unknown,
  notebook: NotebookText,
  code: string,
): string | undefined {
  if (!isJson(answer) || !Array.isArray(answer.items)) return undefined;
  const lineStarts = startsOfLines(notebook.text);
  const errors: string[] = [];
  for (const item of answer.items) {
    if (!isJson(item) || item.source !== "deno-ts" || item.severity !== 1) continue;
    if (!isReported(Number(item.code))) continue;
    const { line, character } =
      (item.range as { start: { line: number; character: number } }).start;
    const offset = toCell(notebook, (lineStarts[line] ?? 0) + character);
    if (offset !== undefined) errors.push(shown(String(item.message), code, offset));
  }
  if (errors.length === 0) return undefined;
  const more = errors.length - MAX_SHOWN;
  return errors.slice(0, MAX_SHOWN).join("\n\n") + (more > 0 ? `\n\nand ${more} more` : "") + "\n";
}

/**
 * Left out: implicit any (7xxx), which is not an error in a sketch; modules that are not found (2307),
 * which the cell itself tells; and what a block may not have but a cell may (1xxx, syntax).
 */
function isReported(code: number): boolean {
  return code >= 2000 && code !== 2307 && !(code >= 7000 && code < 8000);
}

function shown(message: string, code: string, offset: number): string {
  const before = code.slice(0, offset).split("\n");
  const line = before.length, column = (before.at(-1) ?? "").length;
  const number = String(line);
  return `Type error: ${message} (line ${line}, column ${column + 1})\n\n` +
    `  ${number} | ${code.split("\n")[line - 1] ?? ""}\n` +
    `  ${" ".repeat(number.length)} | ${" ".repeat(column)}^`;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = 0; (at = text.indexOf("\n", at) + 1) > 0;) starts.push(at);
  return starts;
}
