import ts from "typescript";
import { nameInQuestion } from "./_help.ts";

export interface SyntaxFault {
  /** The compiler's text, then line and column, from 1. */
  readonly message: string;
  readonly traceback: readonly string[];
}

export interface ParsedCell {
  readonly source: ts.SourceFile;
  /** What was parsed: an object literal gets brackets around it. */
  readonly text: string;
  readonly fault?: SyntaxFault;
  /** Whether the fault is that the text ends too early. */
  readonly atEnd?: boolean;
}

/** As TypeScript, as TSX, and what looks like a block also as an object, as Deno's REPL does. */
export function parseCell(code: string): ParsedCell {
  const texts = /^\s*\{[^]*\}\s*$/.test(code) ? [`(${code})`, code] : [code];
  for (const text of texts) {
    for (const kind of [ts.ScriptKind.TS, ts.ScriptKind.TSX]) {
      const source = createSource(text, kind);
      if (faultsOf(source).length > 0 || (text !== code && !isObject(source))) continue;
      return { source, text };
    }
  }
  const source = createSource(code, ts.ScriptKind.TS);
  const [first] = faultsOf(source);
  if (!first) return { source, text: code };
  const fault = describe(first, source, code);
  return { source, text: code, fault, atEnd: endsTooEarly(first, code) };
}

/** Whether a cell could go on: Jupyter consoles ask before they evaluate. */
export function completeness(code: string): "complete" | "incomplete" | "invalid" {
  if (nameInQuestion(code) !== undefined) return "complete";
  const { fault, atEnd } = parseCell(code);
  return fault ? (atEnd ? "incomplete" : "invalid") : "complete";
}

/** The parser takes `({ f(); })` for an object with a method that has no body. */
function isObject({ statements: [statement] }: ts.SourceFile): boolean {
  return statement !== undefined && ts.isExpressionStatement(statement) &&
    ts.isParenthesizedExpression(statement.expression) &&
    ts.isObjectLiteralExpression(statement.expression.expression) &&
    statement.expression.expression.properties.every((property) =>
      !ts.isMethodDeclaration(property) || property.body !== undefined
    );
}

function createSource(text: string, kind: ts.ScriptKind): ts.SourceFile {
  const options: ts.CreateSourceFileOptions = {
    languageVersion: ts.ScriptTarget.ESNext,
    impliedNodeFormat: ts.ModuleKind.ESNext,
    // A module even without imports: else `await (x)` would be a call of a function `await`.
    setExternalModuleIndicator(file) {
      (file as unknown as { externalModuleIndicator: true }).externalModuleIndicator = true;
    },
  };
  return ts.createSourceFile("cell.ts", text, options, false, kind);
}

/** The parser keeps its faults in a field that the types do not show. */
function faultsOf(source: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (source as unknown as { parseDiagnostics: ts.DiagnosticWithLocation[] }).parseDiagnostics;
}

function describe(fault: ts.Diagnostic, source: ts.SourceFile, code: string): SyntaxFault {
  const { line, character } = source.getLineAndCharacterOfPosition(fault.start ?? 0);
  const text = ts.flattenDiagnosticMessageText(fault.messageText, "\n");
  const message = `${text} (line ${line + 1}, column ${character + 1})`;
  const number = String(line + 1);
  return {
    message,
    traceback: [
      `SyntaxError: ${message}`,
      "",
      `  ${number} | ${code.split("\n")[line] ?? ""}`,
      `  ${" ".repeat(number.length)} | ${" ".repeat(character)}^`,
    ],
  };
}

/** "Unterminated template literal", "unterminated string/comment": more text could end them. */
const UNTERMINATED = new Set([1010, 1160]);

function endsTooEarly(fault: ts.Diagnostic, code: string): boolean {
  return UNTERMINATED.has(fault.code) || (fault.start ?? 0) >= code.trimEnd().length;
}
