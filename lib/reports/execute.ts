import { dirname, join } from "node:path";
import { signalTo } from "../system/mod.ts";
import { type CellOutput, joined, type Notebook, readNotebook, writeNotebook } from "./notebook.ts";

/** A cell that threw. */
export interface FailedCell {
  /** Counted from 1, of all cells. */
  readonly number: number;
  readonly source: string;
  readonly error: CellOutput;
}

/** What executing a notebook takes. */
export interface ExecuteOptions {
  /** The folder of papermill and of the kernel's Python. */
  readonly programs: string;
  /** The folder that the cells see as theirs. */
  readonly folder: string;
  /** The kernel of a notebook that names none. */
  readonly kernel: string;
  /** When it is aborted, papermill is interrupted: it ends its kernel and leaves what was executed. */
  readonly signal?: AbortSignal;
  /** Shows papermill's progress bar, which counts cells. */
  readonly onProgress?: (bytes: Uint8Array<ArrayBuffer>) => void;
}

/**
 * Executes a notebook with papermill, which saves it after every cell, so that an interrupted
 * execution keeps the outputs so far.
 *
 * @param path where the executed notebook is written
 * @returns the cell that threw, if one did
 * @throws Error if the notebook cannot be executed at all, or was interrupted, with what papermill says
 */
export async function executeNotebook(
  notebook: Notebook,
  path: string,
  { programs, folder, kernel, signal, onProgress }: ExecuteOptions,
): Promise<FailedCell | undefined> {
  signal?.throwIfAborted();
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeNotebook(path, withoutOutputs(notebook));
  const { kernelspec } = notebook.metadata;
  const papermill = new Deno.Command(join(programs, "papermill"), {
    args: [
      path,
      path,
      "--cwd",
      folder,
      "--log-level=ERROR",
      onProgress ? "--progress-bar" : "--no-progress-bar",
      ...kernelspec ? [] : ["--kernel", kernel, "--language", "typescript"],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    // Python's warnings would be shown among the progress. Type errors may come after a cell's idle,
    // when papermill does not listen any more: a report with some of them would mislead.
    env: { PYTHONWARNINGS: "ignore", DENO_KERNEL_TYPE_ERRORS: "silent" },
  }).spawn();
  const interrupt = () => signalTo(papermill, "SIGINT");
  signal?.addEventListener("abort", interrupt);
  const said = await readBar(papermill.stderr, onProgress);
  const { success } = await papermill.status;
  signal?.removeEventListener("abort", interrupt);
  const executed = withoutNotes(await readNotebook(path));
  await writeNotebook(path, executed);
  const failed = failedCell(executed);
  if (!success && failed === undefined) {
    throw new Error(`Cannot execute the notebook; papermill says:\n${lastLines(said)}`);
  }
  return failed;
}

function withoutOutputs(notebook: Notebook): Notebook {
  return {
    ...notebook,
    cells: notebook.cells.map((cell) =>
      cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell
    ),
  };
}

/** The notebook without the times and paths of this execution, which differ each time. */
function withoutNotes(notebook: Notebook): Notebook {
  const { papermill: _, ...metadata } = notebook.metadata;
  const cells = notebook.cells.map((cell) => {
    const { papermill: _, execution: __, ...metadata } = cell.metadata;
    return { ...cell, metadata };
  });
  return { ...notebook, cells, metadata };
}

/** Passes on the progress bar, not the traceback of papermill's own Python; returns everything. */
async function readBar(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onProgress: ExecuteOptions["onProgress"],
): Promise<string> {
  const decoder = new TextDecoder();
  let said = "";
  let isBar = true;
  for await (const bytes of stream) {
    said += decoder.decode(bytes, { stream: true });
    isBar &&= !said.includes("Traceback (most recent call last)");
    if (isBar) onProgress?.(bytes);
  }
  return said;
}

function failedCell({ cells }: Notebook): FailedCell | undefined {
  // Papermill puts a note in front of the notebook and one in front of the cell.
  const own = cells.filter(({ metadata }) => !metadata.tags?.includes("papermill-error-cell-tag"));
  for (const [index, { source, outputs = [] }] of own.entries()) {
    const error = outputs.find(({ output_type }) => output_type === "error");
    if (error) return { number: index + 1, source: joined(source), error };
  }
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-4).map((line) => `  ${line}`).join("\n");
}
