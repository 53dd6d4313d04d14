/**
 * Runs in the evaluator, once, before the first cell.
 *
 * @module
 */
import { createCells } from "./_cells.ts";
import { createComms, type Incoming } from "./_comms.ts";
import { installInput } from "./_input.ts";
import { installOutput } from "./_output.ts";
import { OutputPipe } from "./_pipe.ts";
import { createShared } from "./_shared.ts";
import { listen } from "./_side_channel.ts";
import { CellSources, installStack } from "./_stack.ts";
import { installUncaught } from "./_uncaught.ts";
import { installWorkers } from "./_workers.ts";

export interface StartOptions {
  /** Port of the relay's side channel on loopback, and what it wants to hear first. */
  readonly port: number;
  readonly token: string;
  /** The working folder of the cells. */
  readonly cwd: string;
}

/** Puts `globalThis.__kernel` there, which rewritten cells and the relay call. */
export async function start({ port, token, cwd }: StartOptions): Promise<void> {
  Deno.chdir(cwd);
  const shared = createShared();
  const { interrupt, interrupted, ownCell, wait, ...cells } = createCells(shared.words);
  const wake = await listen({
    port,
    token,
    shared,
    onInterrupt: interrupted,
    onCollect: takeCollector(),
  });
  const pipe = new OutputPipe(shared, wake, wait);
  const broadcast = installOutput(pipe);
  installInput(shared, pipe, wait);
  installWorkers(pipe);
  const sources = new CellSources();
  installStack(sources);
  installUncaught(ownCell, (cell, text) => void broadcast("relay_uncaught", { cell, text }));
  globalThis.addEventListener("unload", () => pipe.flush());
  const { comms, receive } = createComms(broadcast);
  const { format } = Deno.jupyter as unknown as { format(value: unknown): Promise<unknown> };
  const api = Object.freeze({
    ...cells,
    /** A cell begins: its number, the number beside it, its text, and a function in it. */
    begin(number: number, count: number | undefined, source: string, witness: () => unknown) {
      cells.begin(number);
      sources.note(number, { count, source, witness });
    },
    importFault,
    answer: async (id: string, value: unknown) =>
      void broadcast("relay_answer", { id, value: await value }),
    comm: (cell: number, message: Incoming) => {
      cells.begin(cell);
      return cells.race(receive(message));
    },
    withCauses: (stack: string) => sources.withCauses(stack),
    /** A value as a client would show it. */
    shown: (value: unknown) => format(cells.last(value)),
  });
  Object.defineProperty(globalThis, "__kernel", { value: api });
  Object.defineProperty(globalThis, Symbol.for("jupyter.interrupt"), { value: interrupt });
  Object.defineProperty(globalThis, Symbol.for("jupyter.comms"), { value: comms });
}

/** As in `_spawn.ts`, which cannot be imported here: it brings the relay along. */
const OWN_V8_FLAGS = ["--expose-gc", "--allow-natives-syntax"];

/** V8's function to collect garbage; the processes that cells start are not to inherit our flags. */
function takeCollector(): () => void {
  const { gc } = globalThis as { gc?: () => void };
  const flags = (Deno.env.get("DENO_V8_FLAGS") ?? "").split(",");
  const others = flags.filter((flag) => !OWN_V8_FLAGS.includes(flag)).join(",");
  if (others === "") Deno.env.delete("DENO_V8_FLAGS");
  else Deno.env.set("DENO_V8_FLAGS", others);
  Deno.env.delete("RUST_MIN_STACK");
  return () => gc?.();
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
