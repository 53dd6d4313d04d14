import ts from "typescript";
import { type CellPlace, framed } from "./_framed.ts";
import { parseCell, type SyntaxFault } from "./_parse.ts";

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
  const { source, text, fault } = parseCell(code);
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
