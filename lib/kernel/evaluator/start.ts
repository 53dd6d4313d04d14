/**
 * Runs in the evaluator, once, before the first cell.
 *
 * @module
 */
import { createCells } from "./_cells.ts";
import { createComms, type Incoming } from "./_comms.ts";
import { installOutput } from "./_output.ts";
import { listen } from "./_side_channel.ts";

export interface StartOptions {
  /** Port of the relay's side channel on loopback, and what it wants to hear first. */
  readonly port: number;
  readonly token: string;
  /** Where big outputs are put for the relay. */
  readonly folder: string;
  /** The working folder of the cells. */
  readonly cwd: string;
}

/** Puts `globalThis.__kernel` there, which rewritten cells and the relay call. */
export async function start({ port, token, folder, cwd }: StartOptions): Promise<void> {
  Deno.chdir(cwd);
  const broadcast = installOutput(folder);
  const { comms, receive } = createComms(broadcast);
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { interrupt, ...cells } = createCells(flag);
  const answer = async (id: string, value: unknown) =>
    void Deno.jupyter.broadcast("relay_answer", { id, value: await value });
  const comm = (cell: number, message: Incoming) => {
    cells.begin(cell);
    return cells.race(receive(message));
  };
  const api = Object.freeze({ ...cells, answer, importFault, comm });
  Object.defineProperty(globalThis, "__kernel", { value: api });
  Object.defineProperty(globalThis, Symbol.for("jupyter.interrupt"), { value: interrupt });
  Object.defineProperty(globalThis, Symbol.for("jupyter.comms"), { value: comms });
  await listen({ port, token, folder, flag, onInterrupt: cells.interrupted });
}

/** The message of the first of these modules that cannot be imported: Deno's kernel tells none. */
async function importFault(specifiers: readonly string[]): Promise<string | null> {
  for (const specifier of specifiers) {
    try {
      await import(specifier);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return null;
}
