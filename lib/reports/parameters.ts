import { type Cell, joined, type Notebook } from "./notebook.ts";

/** Values by the names of a notebook's parameters. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads `name=value`. A value that is JSON (a number, `true`, `null`, a list, a text in quotes) or
 * `NaN`, `Infinity`, `-Infinity` becomes that value; any other text stays a text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseParameter } from "./mod.ts";
 *
 * assertEquals(parseParameter("epochs=3"), ["epochs", 3]);
 * assertEquals(parseParameter("name=a=b"), ["name", "a=b"]);
 * ```
 *
 * @throws SyntaxError if there is no `=`, or the name is not a TypeScript identifier
 */
export function parseParameter(text: string): readonly [name: string, value: unknown] {
  const [, name, value] = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)=(.*)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new SyntaxError(`Cannot read the parameter "${text}": write it as name=value`);
  }
  if (/^(NaN|-?Infinity)$/.test(value)) return [name, Number(value)];
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}

/**
 * A notebook with a cell that sets parameters after the one tagged `parameters`, like papermill's
 * `injected-parameters`; one that was injected earlier is removed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Notebook, withParameters } from "./mod.ts";
 *
 * const notebook: Notebook = {
 *   cells: [
 *     { cell_type: "markdown", source: "# A title\n", metadata: {} },
 *     { cell_type: "code", source: "let epochs = 3;", metadata: { tags: ["parameters"] } },
 *   ],
 *   metadata: {},
 *   nbformat: 4,
 *   nbformat_minor: 5,
 * };
 * const { cells } = withParameters(notebook, { epochs: 5 });
 * assertEquals(cells[2]?.source, "let epochs = 5;");
 * ```
 *
 * @throws RangeError if there is no such cell, or it does not declare one of the names
 */
export function withParameters(notebook: Notebook, parameters: Parameters): Notebook {
  const names = Object.keys(parameters);
  if (names.length === 0) return notebook;
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  const index = cells.findIndex((cell) => hasTag(cell, "parameters"));
  if (index < 0) {
    throw new RangeError(
      `Cannot set ${names.join(", ")}: no cell of the notebook has the tag "parameters"`,
    );
  }
  const declared = declaredNames(joined(cells[index]!.source));
  const unknown = names.find((name) => !declared.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot set ${unknown}: the notebook's parameters are ${declared.join(", ") || "none"}`,
    );
  }
  const injected: Cell = {
    cell_type: "code",
    execution_count: null,
    id: crypto.randomUUID().slice(0, 8),
    metadata: { tags: ["injected-parameters"] },
    outputs: [],
    source: names.map((name) => `let ${name} = ${literal(parameters[name])};`).join("\n"),
  };
  return { ...notebook, cells: cells.toSpliced(index + 1, 0, injected) };
}

function hasTag({ metadata }: Cell, tag: string): boolean {
  return metadata.tags?.includes(tag) === true;
}

/** The names that a cell declares at its top with `let`, one in each statement. */
function declaredNames(source: string): string[] {
  return Array.from(
    source.matchAll(/^let\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu),
    (m) => m[1]!,
  );
}

function literal(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
