import type { Broadcast } from "./_output.ts";

type Content = Record<string, unknown>;

export interface CommMessage {
  readonly data: Content;
  readonly metadata: Content;
  readonly buffers: readonly Uint8Array<ArrayBuffer>[];
}

export interface CommOptions {
  readonly metadata?: Content;
  readonly buffers?: readonly Uint8Array[];
}

/** One conversation between a cell and the front end. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  onMessage: ((message: CommMessage) => unknown) | undefined;
  onClose: ((message: CommMessage) => unknown) | undefined;
  send(data: Content, options?: CommOptions): Promise<void>;
  close(data?: Content): Promise<void>;
}

/** `globalThis[Symbol.for("jupyter.comms")]` */
export interface Comms {
  /** Opens a comm in the front end; the promise is fulfilled when the message is on its way. */
  open(target: string, data: Content, options?: CommOptions & { id?: string }): Promise<Comm>;
  /** Answers the front end's `comm_open` for a target; replaces what was registered before. */
  register(target: string, opened: (comm: Comm, message: CommMessage) => unknown): void;
  readonly all: ReadonlyMap<string, Comm>;
}

/** A comm message as the relay hands it over; buffers in base64. */
export interface Incoming {
  readonly type: string;
  readonly content: { comm_id: string; target_name?: string; data?: Content };
  readonly metadata: Content;
  readonly buffers: readonly string[];
}

export function createComms(
  broadcast: Broadcast,
): { comms: Comms; receive(message: Incoming): Promise<void> } {
  const all = new Map<string, Comm>();
  const targets = new Map<string, (comm: Comm, message: CommMessage) => unknown>();

  function send(type: string, content: Content, { metadata, buffers }: CommOptions): Promise<void> {
    return broadcast(type, content, {
      metadata: metadata ?? {},
      buffers: buffers ? [...buffers] : [],
    });
  }

  function add(id: string, target: string): Comm {
    const comm: Comm = {
      id,
      target,
      onMessage: undefined,
      onClose: undefined,
      send: (data, options = {}) => send("comm_msg", { comm_id: id, data }, options),
      async close(data = {}) {
        if (all.delete(id)) await send("comm_close", { comm_id: id, data }, {});
      },
    };
    all.set(id, comm);
    return comm;
  }

  const comms: Comms = {
    all,
    async open(target, data, { id = crypto.randomUUID().replaceAll("-", ""), ...options } = {}) {
      const comm = add(id, target);
      await send("comm_open", { comm_id: id, target_name: target, data }, options);
      return comm;
    },
    register: (target, opened) => void targets.set(target, opened),
  };

  async function receive(incoming: Incoming): Promise<void> {
    const { type, content: { comm_id: id, target_name: target = "" } } = incoming;
    const message = messageOf(incoming);
    try {
      if (type === "comm_open") {
        const opened = targets.get(target);
        if (!opened) return await send("comm_close", { comm_id: id, data: {} }, {});
        await opened(add(id, target), message);
      } else if (type === "comm_msg") {
        await all.get(id)?.onMessage?.(message);
      } else {
        const comm = all.get(id);
        all.delete(id);
        await comm?.onClose?.(message);
      }
    } catch (error) {
      await broadcast("stream", { name: "stderr", text: `${Deno.inspect(error)}\n` });
    }
  }
  return { comms, receive };
}

function messageOf({ content: { data = {} }, metadata, buffers }: Incoming): CommMessage {
  return { data, metadata, buffers: buffers.map((text) => Uint8Array.fromBase64(text)) };
}
