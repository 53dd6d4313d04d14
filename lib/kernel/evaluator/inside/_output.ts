import { MAX_OUTPUT_BYTES } from "../channel/mod.ts";
import type { OutputPipe } from "./_pipe.ts";
import { encode, stringify } from "./_primordials.ts";

type MimeBundle = Record<string, unknown>;
type Content = Record<string, unknown>;
interface BroadcastOptions {
  metadata?: Content;
  buffers?: Uint8Array[];
}
export type Broadcast = (
  type: string,
  content: Content,
  options?: BroadcastOptions,
) => Promise<void>;

interface DisplayOptions {
  raw?: boolean;
  update?: boolean;
  display_id?: string;
  metadata?: Content;
}

/** What Deno keeps of its kernel and its console below `Deno[Deno.internal]`. */
interface Internals {
  readonly jupyter: {
    formatInner(value: unknown, raw?: boolean): Promise<MimeBundle>;
    broadcastResult(count: number, value: unknown): Promise<void>;
  };
  readonly Console: new (print: (text: string, level: number) => void) => Console;
}

/**
 * Replaces the ways by which a cell puts something out: Deno's own lose text, write big messages
 * over each other and take kilobytes of memory a line. Returns `Deno.jupyter.broadcast`.
 */
export function installOutput(pipe: OutputPipe): Broadcast {
  const inner = Deno as unknown as Record<symbol, Internals> & { internal: symbol };
  const internals = inner[inner.internal];
  if (!internals?.jupyter || !internals.Console) {
    throw new Error("Cannot set up outputs: this Deno keeps no jupyter internals");
  }
  const broadcast = broadcastOver(pipe);
  installDisplay(internals.jupyter, broadcast);
  installWriters(pipe);
  // Not Deno's console: V8's inspector keeps what goes through that one.
  const printer = new internals.Console((text, level) =>
    pipe.text(level > 1 ? "stderr" : "stdout", text)
  );
  Object.assign(console, printer);
  return broadcast;
}

function broadcastOver(pipe: OutputPipe): Broadcast {
  // deno-lint-ignore require-await -- what cannot be made JSON rejects, as in Deno's own
  return async (type, content, { metadata = {}, buffers = [] } = {}) => {
    const bytes = encode(stringify(content) ?? "{}");
    const size = buffers.reduce((sum, { byteLength }) => sum + byteLength, bytes.length);
    if (size > MAX_OUTPUT_BYTES) {
      const [have, limit] = [size, MAX_OUTPUT_BYTES].map((bytes) => Math.round(bytes / 2 ** 20));
      pipe.text("stderr", `Output left out: ${have} MB, and the limit is ${limit} MB\n`);
      return;
    }
    pipe.message(type, bytes, metadata, buffers);
  };
}

function installDisplay(internals: Internals["jupyter"], broadcast: Broadcast): void {
  const jupyter = Deno.jupyter as unknown as {
    broadcast: Broadcast;
    display(value: unknown, options?: DisplayOptions): Promise<void>;
    format(value: unknown): Promise<MimeBundle>;
  };
  const { format } = jupyter;
  const { formatInner } = internals;
  jupyter.broadcast = broadcast;
  jupyter.display = async (value, { raw, update, display_id, metadata = {} } = {}) => {
    const data = await formatInner(value, raw);
    const transient = display_id === undefined ? {} : { display_id };
    const type = update ? "update_display_data" : "display_data";
    await broadcast(type, { data, metadata, transient });
  };
  internals.broadcastResult = async (execution_count, value) => {
    if (value === undefined) return;
    try {
      const data = await format(value);
      await broadcast("execute_result", { execution_count, data, metadata: {}, transient: {} });
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      const traceback = (stack ?? message).split("\n");
      await broadcast("error", { ename: name, evalue: message, traceback });
    }
  };
}

/** Deno's kernel loses what cells write to standard output and error; shown as streams here. */
function installWriters(pipe: OutputPipe): void {
  for (const [name, target] of [["stdout", Deno.stdout], ["stderr", Deno.stderr]] as const) {
    const decoder = new TextDecoder();
    const writeSync = (bytes: Uint8Array): number => {
      pipe.text(name, decoder.decode(bytes, { stream: true }));
      return bytes.length;
    };
    Object.defineProperties(target, {
      writeSync: { value: writeSync, configurable: true },
      write: {
        value: (bytes: Uint8Array) => Promise.resolve(writeSync(bytes)),
        configurable: true,
      },
    });
  }
}
