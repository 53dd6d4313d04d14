import type { Buffer } from "node:buffer";
import { encodeFrames, type Frame, Peer, SUBSCRIBE_ALL } from "./_zmtp_peer.ts";
import { log } from "./_log.ts";

export type SocketType = "ROUTER" | "DEALER" | "PUB" | "SUB" | "REP";

/**
 * A ZeroMQ socket in the five ways that Jupyter uses them. Reading it yields messages; messages of
 * a ROUTER start with the identity of the sender. A REP answers every message with itself.
 */
export class Socket implements AsyncIterable<Buffer[]> {
  readonly #type: SocketType;
  readonly #peers = new Map<string, Peer>();
  readonly #received: Buffer[][] = [];
  readonly #firstPeer = Promise.withResolvers<Peer>();
  #wake: (() => void) | undefined;
  #listener: Deno.TcpListener | undefined;
  #closed = false;

  constructor(type: SocketType) {
    this.#type = type;
  }

  /** Listens; port 0 takes a free one. Returns the port. */
  bind(hostname: string, port: number): number {
    const listener = this.#listener = Deno.listen({ hostname, port });
    void this.#accept(listener);
    return listener.addr.port;
  }

  /** Connects, trying again until someone listens there. */
  async connect(hostname: string, port: number): Promise<void> {
    while (!this.#closed) {
      try {
        return void this.#serve(await Deno.connect({ hostname, port }));
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  /** Sends; a ROUTER takes the identity of the receiver first, unknown ones are ignored. */
  async send(frames: readonly Frame[]): Promise<void> {
    try {
      if (this.#type === "PUB") {
        const bytes = encodeFrames(frames);
        await Promise.allSettled(this.#peers.values().map((peer) => peer.write(bytes)));
      } else if (this.#type === "ROUTER") {
        const [identity, ...rest] = frames;
        await this.#peers.get(keyOf(identity))?.write(encodeFrames(rest));
      } else {
        await (await this.#firstPeer.promise).write(encodeFrames(frames));
      }
    } catch (error) {
      log(`Cannot send: ${error}`); // the peer is gone; there is nobody to tell
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer[], void> {
    while (!this.#closed) {
      const message = this.#received.shift();
      if (message) yield message;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  close(): void {
    this.#closed = true;
    this.#listener?.close();
    for (const peer of this.#peers.values()) peer.close();
    this.#wake?.();
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    try {
      for await (const conn of listener) void this.#serve(conn);
    } catch (error) {
      if (!this.#closed) log(`Cannot accept connections: ${error}`);
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    const peer = new Peer(conn);
    let key = "";
    try {
      await peer.handshake(this.#type);
      // Only a ROUTER may tell peers apart by identity: jupyter_server has several SUBs of one.
      key = this.#type === "ROUTER" ? keyOf(peer.identity) : crypto.randomUUID();
      this.#peers.set(key, peer);
      if (this.#type === "SUB") await peer.write(SUBSCRIBE_ALL);
      this.#firstPeer.resolve(peer);
      for (;;) this.#receive(peer, await peer.message());
    } catch (error) {
      if (!this.#closed && !isGone(error)) log(`Connection closed: ${error}`);
    } finally {
      if (this.#peers.get(key) === peer) this.#peers.delete(key);
      peer.close();
    }
  }

  #receive(peer: Peer, message: Buffer[]): void {
    if (this.#type === "PUB") return; // subscriptions: every Jupyter client takes everything
    if (this.#type === "REP") return void peer.write(encodeFrames(message)).catch(() => {});
    this.#received.push(this.#type === "ROUTER" ? [peer.identity, ...message] : message);
    this.#wake?.();
  }
}

function keyOf(identity: Frame | undefined): string {
  return identity instanceof Uint8Array ? identity.toHex() : `text ${identity}`;
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
