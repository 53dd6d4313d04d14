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

/** What Deno keeps of its kernel below `Deno[Deno.internal].jupyter`. */
interface Internals {
  formatInner(value: unknown, raw?: boolean): Promise<MimeBundle>;
  broadcastResult(count: number, value: unknown): Promise<void>;
}

/**
 * Deno's kernel writes outputs from two threads, and messages of some megabytes mix on the wire.
 * From this many characters on they go to the relay by a file.
 */
const BY_FILE = 256 * 1024;

/** Replaces `Deno.jupyter.broadcast`, `display` and the showing of results; returns `broadcast`. */
export function installOutput(folder: string): Broadcast {
  const jupyter = Deno.jupyter as unknown as {
    broadcast: Broadcast;
    display(value: unknown, options?: DisplayOptions): Promise<void>;
    format(value: unknown): Promise<MimeBundle>;
  };
  const inner = Deno as unknown as Record<symbol, { jupyter: Internals }> & { internal: symbol };
  const internals = inner[inner.internal]?.jupyter;
  if (!internals) throw new Error("Cannot set up outputs: this Deno keeps no jupyter internals");
  const send = jupyter.broadcast.bind(jupyter);
  let files = 0;

  const broadcast: Broadcast = async (type, content, options) => {
    if (roughSize(content) < BY_FILE) return await send(type, content, options);
    const path = `${folder}/${files++}.json`;
    Deno.writeTextFileSync(path, JSON.stringify(content));
    await send("relay_file", { path, msg_type: type }, options);
  };

  jupyter.broadcast = broadcast;
  jupyter.display = async (value, { raw, update, display_id, metadata = {} } = {}) => {
    const data = await internals.formatInner(value, raw);
    const transient = display_id === undefined ? {} : { display_id };
    const type = update ? "update_display_data" : "display_data";
    await broadcast(type, { data, metadata, transient });
  };
  internals.broadcastResult = async (execution_count, value) => {
    if (value === undefined) return;
    try {
      const data = await jupyter.format(value);
      await broadcast("execute_result", { execution_count, data, metadata: {}, transient: {} });
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      const traceback = (stack ?? message).split("\n");
      await broadcast("error", { ename: name, evalue: message, traceback });
    }
  };
  installWriters(broadcast);
  return broadcast;
}

/** Deno's kernel loses what cells write to standard output and error; shown as streams here. */
function installWriters(broadcast: Broadcast): void {
  for (const [name, target] of [["stdout", Deno.stdout], ["stderr", Deno.stderr]] as const) {
    const decoder = new TextDecoder();
    const writeSync = (bytes: Uint8Array): number => {
      const text = decoder.decode(bytes, { stream: true });
      if (text !== "") void broadcast("stream", { name, text });
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

function roughSize(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce((sum: number, item) => sum + roughSize(item), 0);
}
