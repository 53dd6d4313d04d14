import type { Buffer } from "node:buffer";
import {
  Codec,
  type Connection,
  type Draft,
  type Json,
  log,
  MAX_WAITING,
  type Message,
  MessageError,
  type Parent,
  Socket,
} from "../wire/mod.ts";

/** How long outputs are held back for a subscriber that is behind, in milliseconds. */
const THROTTLE_MS = 200;

type Channel = "shell" | "control" | "stdin";

/** The client's side of the relay: what Jupyter connects to. */
export class Client {
  readonly #codec: Codec;
  readonly #iopub = new Socket("PUB");
  readonly #heartbeat = new Socket("REP");
  readonly #channels: Record<Channel, Socket> = {
    shell: new Socket("ROUTER"),
    control: new Socket("ROUTER"),
    stdin: new Socket("ROUTER"),
  };

  /** Listens where the connection file says. */
  constructor(connection: Connection) {
    this.#codec = new Codec(connection.key);
    const { ip } = connection;
    this.#iopub.bind(ip, connection.iopub_port);
    this.#heartbeat.bind(ip, connection.hb_port);
    this.#channels.shell.bind(ip, connection.shell_port);
    this.#channels.control.bind(ip, connection.control_port);
    this.#channels.stdin.bind(ip, connection.stdin_port);
  }

  /** The messages of a channel; what is not signed with the key is dropped and logged. */
  async *read(channel: Channel): AsyncGenerator<Message, void> {
    for await (const frames of this.#channels[channel]) {
      const message = this.#decode(frames, channel);
      this.#channels[channel].judge(frames[0], message !== undefined);
      if (message) yield message;
    }
  }

  reply(
    { ids, header }: Message,
    type: string,
    content: Draft["content"],
    channel: Channel = "shell",
  ): void {
    this.send(channel, { ids, header: this.#codec.header(type), parent: header, content });
  }

  /** Sends to the client that `draft.ids` names. */
  send(channel: Channel, draft: Draft): void {
    this.#channels[channel].send(this.#codec.encode(draft));
  }

  /** Asks the client that a shell message came from, by its other connection. */
  ask(ids: Message["ids"], type: string, parent: Parent, content: Json): void {
    const draft = { ids, header: this.#codec.header(type), parent, content };
    this.#channels.stdin.sendToSame(this.#codec.encode(draft));
  }

  /** A new message to every client. */
  publish(
    type: string,
    parent: Parent,
    content: Draft["content"],
    rest: Pick<Draft, "metadata" | "buffers"> = {},
  ): void {
    const header = this.#codec.header(type);
    this.#iopub.send(this.#codec.encode({ header, parent, content, ...rest }));
  }

  status(state: "busy" | "idle" | "starting" | "restarting", parent: Parent): void {
    this.publish("status", parent, { execution_state: state } satisfies Json);
  }

  /**
   * Resolves when no subscriber is far behind, or a little later while none is too far: outputs go
   * slowly then, but a cell that puts out little does not wait for one that does not read at all.
   */
  async whenRoom(): Promise<void> {
    if (this.#iopub.hasRoom()) return;
    const later = new Promise((resolve) => setTimeout(resolve, THROTTLE_MS));
    const bounded = Promise.all([later, this.#iopub.whenRoom(4 * MAX_WAITING)]);
    await Promise.race([this.#iopub.whenRoom(), bounded]);
  }

  /** The bytes that wait for the subscriber that is furthest behind. */
  get waiting(): number {
    return this.#iopub.waiting;
  }

  /** Resolves when no subscriber is behind by more than so many bytes. */
  async whenWaiting(most: number): Promise<void> {
    await this.#iopub.whenRoom(most);
  }

  /** Resolves when everything is sent, or after so many milliseconds. */
  async whenSent(milliseconds: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, milliseconds);
    const sockets = [...Object.values(this.#channels), this.#iopub];
    await Promise.race([late.promise, Promise.all(sockets.map((socket) => socket.whenRoom(0)))]);
    clearTimeout(timer);
  }

  close(): void {
    for (const socket of [...Object.values(this.#channels), this.#iopub, this.#heartbeat]) {
      socket.close();
    }
  }

  #decode(frames: readonly Buffer[], channel: Channel): Message | undefined {
    try {
      const message = this.#codec.decode(frames);
      void message.content; // malformed content is found here, not in the middle of a request
      return message;
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      log(`Dropped from ${channel}: ${error.message}`);
    }
  }
}
