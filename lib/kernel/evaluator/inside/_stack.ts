import { LineMap } from "./_lines.ts";
import { inspect } from "./_primordials.ts";

/** What stack traces name of a cell: its address, which the rewritten cell ends with. */
const PLACE = /kernel-cell-(\d+):(\d+):(\d+)/g;
/** So many cells back, functions still know their lines. */
const REMEMBERED_CELLS = 1000;
/** So many errors back, what caused one is still known. */
const REMEMBERED_ERRORS = 100;
/** Of frames that are the kernel's own or Deno's loop. */
const HIDDEN = [new URL("./", import.meta.url).href, "ext:core/", "ext:cli/"];

/** What V8 says of a frame. */
interface CallSite {
  getFileName(): string | null | undefined;
  getScriptNameOrSourceURL(): string | null | undefined;
  toString(): string;
}

interface CellSource {
  /** The number shown beside it; none beside a silent one. */
  readonly count: number | undefined;
  readonly source: string;
  /** Any function of the cell: it knows the script, as Deno has printed it. */
  readonly witness: () => unknown;
  lines?: LineMap;
}

/** The cells that stack traces name. */
export class CellSources {
  readonly #cells = new Map<number, CellSource>();
  readonly #scriptOf = scriptReader();
  readonly #errors: WeakRef<Error>[] = [];

  note(number: number, cell: CellSource): void {
    this.#cells.set(number, cell);
    this.#cells.delete(number - REMEMBERED_CELLS);
  }

  /** An error whose stack is shown. */
  shown(error: Error): void {
    this.#errors.push(new WeakRef(error));
    if (this.#errors.length > REMEMBERED_ERRORS) this.#errors.shift();
  }

  /**
   * The error of this stack with its causes, or with the errors that it stands for; null where it has
   * none: Deno's kernel tells the stack alone.
   */
  withCauses(stack: string): string | null {
    try {
      const error = this.#errors.map((each) => each.deref()).findLast((each) =>
        each?.stack === stack
      );
      const hasMore = error?.cause !== undefined || error instanceof AggregateError;
      return hasMore ? inspect(error) : null;
    } catch {
      return null; // a property that throws
    }
  }

  /** A line of a stack trace, in which places of scripts are made places of cells. */
  frame(text: string): string {
    let shown = "";
    const place = text.replace(PLACE, (_, number, line, column) => {
      const { name, source } = this.#find(Number(number), Number(line), Number(column));
      shown ||= source ?? "";
      return name;
    });
    return `    at ${place}${shown === "" ? "" : `\n        ${shown}`}`;
  }

  #find(number: number, line: number, column: number): { name: string; source?: string } {
    const cell = this.#cells.get(number);
    if (!cell) return { name: "an earlier cell" };
    const name = `Cell [${cell.count ?? "*"}]`;
    const script = this.#scriptOf?.(cell.witness);
    if (script === undefined) return { name };
    // The first line is the kernel's own.
    cell.lines ??= new LineMap(cell.source, script.slice(script.indexOf("\n") + 1));
    const found = cell.lines.lineOf(line - 1, column);
    if (found === undefined) return { name };
    const source = cell.source.split("\n")[found - 1]?.trim() ?? "";
    return { name: `${name}, line ${found}`, source };
  }
}

/**
 * Has stack traces name the cell and its line, with the line's text below: to V8 all cells are
 * anonymous, and Deno has printed them anew. Frames of the kernel itself are left out.
 */
export function installStack(cells: CellSources): void {
  const { toString } = Error.prototype;
  const prepare = (error: Error, sites: readonly CallSite[]): string => {
    let head = "Error";
    try {
      head = toString.call(error);
      const frames = sites.filter((site) => !isHidden(site)).map((site) => cells.frame(text(site)));
      cells.shown(error);
      return [head, ...frames].join("\n");
    } catch {
      return head; // what cannot be shown is not to hide the error
    }
  };
  Object.assign(Error, { prepareStackTrace: prepare });
}

function isHidden(site: CallSite): boolean {
  const address = site.getScriptNameOrSourceURL() ?? "";
  return HIDDEN.some((start) => address.startsWith(start));
}

/** A frame as Deno writes it: modules by their address. */
function text(site: CallSite): string {
  const file = site.getFileName(), address = site.getScriptNameOrSourceURL();
  const shown = site.toString();
  return file && address?.startsWith("file:") ? shown.replace(file, () => address) : shown;
}

/** V8's function that gives the text of the script in which a function is; see `_spawn.ts`. */
function scriptReader(): ((witness: () => unknown) => string) | undefined {
  try {
    return new Function("f", "return %FunctionGetScriptSource(f)") as () => string;
  } catch {
    return undefined; // a V8 without it: stack traces then name cells and no lines
  }
}
