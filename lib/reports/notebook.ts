import { readNamed } from "../system/mod.ts";

/** The parts of a notebook in format 4 that are read here; everything else is kept as it is. */
export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: {
    readonly kernelspec?: { readonly name: string; readonly display_name: string };
    readonly [key: string]: unknown;
  };
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/** A cell of a notebook. */
export interface Cell {
  readonly cell_type: "code" | "markdown" | "raw";
  readonly source: Lines;
  readonly metadata: { readonly tags?: readonly string[]; readonly [key: string]: unknown };
  readonly outputs?: readonly CellOutput[];
  readonly execution_count?: number | null;
  readonly id?: string;
}

/** An output of a code cell. */
export interface CellOutput {
  readonly output_type: "stream" | "display_data" | "execute_result" | "error";
  readonly data?: Readonly<Record<string, unknown>>;
  readonly ename?: string;
  readonly evalue?: string;
  readonly traceback?: readonly string[];
  readonly [key: string]: unknown;
}

/** A text as one string, or as lines that keep their line feeds. */
export type Lines = string | readonly string[];

/**
 * A text in one piece.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joined } from "./mod.ts";
 *
 * assertEquals(joined(["a\n", "b"]), "a\nb");
 * ```
 */
export function joined(lines: Lines): string {
  return typeof lines === "string" ? lines : lines.join("");
}

/**
 * Reads a notebook.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Notebook, readNotebook, writeNotebook } from "./mod.ts";
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
 * const path = await Deno.makeTempFile();
 * await writeNotebook(path, notebook);
 * assertEquals(await readNotebook(path), notebook);
 * await Deno.remove(path);
 * ```
 *
 * @throws Deno.errors.NotFound if there is no such file
 * @throws Deno.errors.InvalidData for a file that is not a notebook in format 4
 */
export async function readNotebook(path: string): Promise<Notebook> {
  const text = await readNamed("notebook", path);
  const invalid = (reason: string, cause?: unknown) =>
    new Deno.errors.InvalidData(`Cannot read the notebook ${path}: ${reason}`, { cause });
  let notebook: Partial<Notebook> | null;
  try {
    notebook = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", cause);
  }
  if (!Array.isArray(notebook?.cells)) throw invalid("it has no cells");
  if (notebook.nbformat !== 4) {
    throw invalid(`it has format ${notebook.nbformat}; save it in format 4 with JupyterLab`);
  }
  return notebook as Notebook;
}

/** Writes a notebook as Jupyter does. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(notebook, null, 1) + "\n");
}

/**
 * The first heading, or `fallback`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Notebook, titleOf } from "./mod.ts";
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
 * assertEquals(titleOf(notebook, "Untitled"), "A title");
 * ```
 */
export function titleOf({ cells }: Notebook, fallback: string): string {
  const texts = cells.filter(({ cell_type }) => cell_type === "markdown");
  const heading = texts.map(({ source }) => /^#\s+(.+)$/m.exec(joined(source))?.[1]);
  return heading.find(Boolean)?.trim() ?? fallback;
}
