import ts from "typescript";
import { parseCell } from "./_parse.ts";

/** Where a piece of a cell lies in the text that is asked about. */
export interface Piece {
  readonly cell: number;
  readonly text: number;
  readonly length: number;
}

/** The cells as one text, and which pieces of it are the cell in question. */
export interface NotebookText {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

interface Cell {
  readonly imports: readonly {
    readonly start: number;
    readonly text: string;
    names: Set<string>;
  }[];
  /**
   * The cell as long as it was, with spaces in place of imports and of the word `export`, and a name
   * in place of JSX; an object literal has brackets around it.
   */
  readonly body: string;
  /** How far the body's text is behind the cell's. */
  readonly shift: number;
}

/** Stands for JSX, which has no place among casts like `<number>x`; it may be anything. */
const JSX = "\u1438";

/** Older cells are left out where all together are longer, in UTF-16 units. */
const MAX_EARLIER = 200_000;

/**
 * The cells evaluated so far and one more as one module for the language server.
 *
 * Each cell is a block in the block of the cell before: it sees what earlier ones declare, and may
 * declare the same names again. Imports come first, the latest of each name.
 */
export class Notebook {
  #cells: Cell[] = [];

  remember(code: string): void {
    this.#cells.push(parse(code));
  }

  /** @param earlier how many of the remembered cells are in front of this one; default all */
  show(code: string, earlier = this.#cells.length): NotebookText {
    const own = parse(code);
    const before = withinBound(this.#cells.slice(0, earlier));
    const taken = new Set(own.imports.flatMap(({ names }) => [...names]));
    const pieces: Piece[] = [];
    let text = "";
    for (const { text: line, names } of before.toReversed().flatMap(({ imports }) => imports)) {
      if (names.size > 0 && [...names].some((name) => taken.has(name))) continue;
      for (const name of names) taken.add(name);
      text += `${line}\n`;
    }
    for (const { start, text: line } of own.imports) {
      pieces.push({ cell: start, text: text.length, length: line.length });
      text += `${line}\n`;
    }
    if ([...before, own].some(({ body }) => body.includes(JSX))) {
      text += `declare const ${JSX}: any;\n`;
    }
    text += "export {};\n" + before.map(({ body }) => `{\n${body}\n;\n`).join("") + "{\n";
    pieces.push({ cell: 0, text: text.length + own.shift, length: code.length + 1 });
    return { text: `${text}${own.body}\n${"}".repeat(before.length + 1)}\n`, pieces };
  }
}

/** The place in the text of a place in the cell, both in UTF-16 units; imports go first. */
export function toText({ pieces }: NotebookText, offset: number): number {
  const piece = pieces.find(({ cell, length }) => offset >= cell && offset < cell + length);
  return piece === undefined ? 0 : piece.text + offset - piece.cell;
}

/** The place in the cell of a place in the text, or undefined if another cell is there. */
export function toCell({ pieces }: NotebookText, offset: number): number | undefined {
  const piece = pieces.find(({ text, length }) => offset >= text && offset < text + length);
  return piece && piece.cell + offset - piece.text;
}

function withinBound(cells: readonly Cell[]): Cell[] {
  let from = cells.length;
  for (let size = 0; from > 0; from--) {
    size += cells[from - 1]!.body.length;
    if (size > MAX_EARLIER) break;
  }
  return cells.slice(from);
}

function parse(code: string): Cell {
  const { source, text } = parseCell(code);
  let body = text;
  const blank = (start: number, end: number, name = "") => {
    const spaces = text.slice(start + name.length, end).replace(/[^\n]/g, " ");
    body = body.slice(0, start) + name + spaces + body.slice(end);
  };
  for (const node of jsxIn(source)) blank(node.getStart(source), node.getEnd(), JSX);
  const imports: Cell["imports"][number][] = [];
  for (const statement of source.statements) {
    const start = statement.getStart(source), end = statement.getEnd();
    if (ts.isImportDeclaration(statement)) {
      imports.push({ start, text: text.slice(start, end), names: namesOf(statement) });
      blank(start, end);
    } else if (ts.isExportDeclaration(statement) || ts.isExportAssignment(statement)) {
      blank(start, end);
    } else if (ts.canHaveModifiers(statement)) {
      for (const modifier of ts.getModifiers(statement) ?? []) {
        const isExport = modifier.kind === ts.SyntaxKind.ExportKeyword ||
          modifier.kind === ts.SyntaxKind.DefaultKeyword;
        if (isExport) blank(modifier.getStart(source), modifier.getEnd());
      }
    }
  }
  return { imports, body, shift: text.length > code.length ? 1 : 0 };
}

/** The outermost elements and fragments; TypeScript's other source files have none. */
function* jsxIn(source: ts.SourceFile): Generator<ts.Node, void> {
  if (source.languageVariant !== ts.LanguageVariant.JSX) return;
  const stack: ts.Node[] = [source];
  for (let node; (node = stack.pop());) {
    const isJsx = ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) ||
      ts.isJsxFragment(node);
    if (isJsx) yield node;
    else ts.forEachChild(node, (child) => void stack.push(child));
  }
}

function namesOf({ importClause }: ts.ImportDeclaration): Set<string> {
  const names = new Set<string>();
  if (importClause?.name) names.add(importClause.name.text);
  const bindings = importClause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
  else bindings?.elements.forEach(({ name }) => names.add(name.text));
  return names;
}
