import type { Buffer } from "node:buffer";
import type { Connection } from "./_connection.ts";
import { log } from "./_log.ts";
import type { Frame } from "./_zmtp_peer.ts";
import {
  Codec,
  type Draft,
  type Json,
  type Message,
  MessageError,
  type Parent,
} from "./_message.ts";
import { Socket } from "./_zmtp_socket.ts";

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
      if (message) yield message;
    }
  }

  reply(
    { ids, header }: Message,
    type: string,
    content: Draft["content"],
    channel: Channel = "shell",
  ): Promise<void> {
    return this.send(channel, { ids, header: this.#codec.header(type), parent: header, content });
  }

  /** Sends to the client that `draft.ids` names. */
  send(channel: Channel, draft: Draft): Promise<void> {
    return this.#channels[channel].send(this.#encode(draft));
  }

  /** A new message to every client. */
  publish(type: string, parent: Parent, content: Draft["content"]): Promise<void> {
    return this.broadcast({ header: this.#codec.header(type), parent, content });
  }

  /** To every client, with the message's own id. */
  broadcast(draft: Draft): Promise<void> {
    return this.#iopub.send(this.#encode(draft));
  }

  status(state: "busy" | "idle" | "starting" | "restarting", parent: Parent): void {
    void this.publish("status", parent, { execution_state: state } satisfies Json);
  }

  close(): void {
    for (const socket of [...Object.values(this.#channels), this.#iopub, this.#heartbeat]) {
      socket.close();
    }
  }

  #encode(draft: Draft): Frame[] {
    return this.#codec.encode({ ...draft, header: this.#codec.adopt(draft.header) });
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
