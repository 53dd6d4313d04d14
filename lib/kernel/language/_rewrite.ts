import ts from "typescript";
import { type CellPlace, framed } from "./_framed.ts";

export interface SyntaxFault {
  /** The compiler's text, then line and column, from 1. */
  readonly message: string;
  readonly traceback: readonly string[];
}

/** What is evaluated, and the modules that it imports statically; or why it cannot be. */
export type Rewritten =
  | { readonly code: string; readonly imports: readonly string[]; readonly fault?: undefined }
  | { readonly fault: SyntaxFault };

export interface RewriteOptions extends CellPlace {
  /** Relative imports are made relative to this folder's URL, which ends in `/`. */
  readonly base?: string;
}

type Edit = readonly [position: number, text: string];

/**
 * Rewrites a cell for evaluation; line numbers stay as they are.
 *
 * Its awaits can be interrupted, its last value is shown even where Deno's kernel shows nothing,
 * and its relative imports start from the notebook's folder. Nested functions await through `tick`,
 * which only looks whether their cell was interrupted: racing there would cost them their timing.
 */
export function rewrite(code: string, { base, ...place }: RewriteOptions = {}): Rewritten {
  const { source, text, fault } = parse(code);
  if (fault) return { fault };
  const before: Edit[] = [], after: Edit[] = [];
  const wrap = (node: ts.Node, call: string) => {
    before.push([node.getStart(source), `__kernel.${call}((`]);
    after.push([node.getEnd(), "))"]);
  };
  const last = source.statements.findLast((statement) => !ts.isEmptyStatement(statement));
  if (last && ts.isExpressionStatement(last)) wrap(last.expression, "last");
  for (const { node, nested } of descendants(source)) {
    if (ts.isAwaitExpression(node)) wrap(node.expression, nested ? "tick" : "race");
    if (ts.isForOfStatement(node) && node.awaitModifier && !nested) {
      wrap(node.expression, "iterate");
    }
    const specifier = base === undefined ? undefined : relativeSpecifier(node);
    if (specifier) {
      before.push([specifier.getStart(source) + 1, base ?? ""]);
    }
  }
  const imports = source.statements.filter(ts.isImportDeclaration).flatMap(({ moduleSpecifier }) =>
    ts.isStringLiteral(moduleSpecifier) ? [absolute(moduleSpecifier.text, base)] : []
  );
  const body = applied(text, before, after.reverse());
  return { code: framed(body, code, place), imports };
}

/**
 * All nodes below a file, a node before those in it, and whether they are in a function of some
 * kind. Without recursion: a sum of some thousand terms is nested as deep.
 */
function* descendants(
  source: ts.SourceFile,
): Generator<{ readonly node: ts.Node; readonly nested: boolean }, void> {
  const stack: { readonly node: ts.Node; readonly nested: boolean }[] = [];
  for (let next: typeof stack[number] | undefined = { node: source, nested: false }; next;) {
    const { node, nested } = next;
    if (node !== source) yield next;
    const isNested = nested || isFunction(node);
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    for (const child of children.reverse()) stack.push({ node: child, nested: isNested });
    next = stack.pop();
  }
}

/** Whether code in this node runs on its own. */
function isFunction(node: ts.Node): boolean {
  return ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node) ||
    ts.isPropertyDeclaration(node);
}

/** Whether a cell could go on: Jupyter consoles ask before they evaluate. */
export function completeness(code: string): "complete" | "incomplete" | "invalid" {
  const { fault, atEnd } = parse(code);
  return fault ? (atEnd ? "incomplete" : "invalid") : "complete";
}

interface Parsed {
  readonly source: ts.SourceFile;
  /** What was parsed: an object literal gets brackets around it. */
  readonly text: string;
  readonly fault?: SyntaxFault;
  /** Whether the fault is that the text ends too early. */
  readonly atEnd?: boolean;
}

/** As TypeScript, as TSX, and what looks like a block also as an object, as Deno's REPL does. */
function parse(code: string): Parsed {
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

function absolute(specifier: string, base: string | undefined): string {
  return base !== undefined && RELATIVE.test(specifier) ? new URL(specifier, base).href : specifier;
}

const RELATIVE = /^\.\.?\//;

/** The text of `from "./x.ts"` or `import("./x.ts")`. */
function relativeSpecifier(node: ts.Node): ts.StringLiteral | undefined {
  let specifier: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    specifier = node.moduleSpecifier;
  } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    specifier = node.arguments[0];
  }
  return specifier && ts.isStringLiteral(specifier) && RELATIVE.test(specifier.text)
    ? specifier
    : undefined;
}

/**
 * At one position, closing texts come before opening ones; of two openings the outer node's, of two
 * closings the inner node's is first. Nodes were met from outside to inside.
 */
function applied(text: string, before: readonly Edit[], after: readonly Edit[]): string {
  const edits = [...after, ...before].toSorted(([a], [b]) => a - b);
  let result = "", from = 0;
  for (const [position, inserted] of edits) {
    result += text.slice(from, position) + inserted;
    from = position;
  }
  return result + text.slice(from);
}
