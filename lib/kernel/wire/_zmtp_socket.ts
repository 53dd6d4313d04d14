import { Buffer } from "node:buffer";
import { log } from "./_log.ts";
import { encodeFrames, type Frame, SUBSCRIBE_ALL } from "./_zmtp_frames.ts";
import { Peer } from "./_zmtp_peer.ts";

export type SocketType = "ROUTER" | "DEALER" | "PUB" | "SUB" | "REP";

/**
 * So many peers that have not shown the key may be connected, then one has to go when another comes.
 * Subscribers and heartbeats never show it.
 */
const MAX_STRANGERS = 32;
/** So many messages may wait to be read, before peers have to wait. */
const MAX_RECEIVED = 1000;
/** A route is a number of the connection, of this length, and the identity the peer chose. */
const NUMBER_BYTES = 8;

/**
 * A ZeroMQ socket in the five ways that Jupyter uses them. Reading it yields messages; messages of
 * a ROUTER start with the route to the connection they came by. A REP answers every message with
 * itself.
 */
export class Socket implements AsyncIterable<Buffer[]> {
  readonly #type: SocketType;
  readonly #identity: string;
  /** In the order in which they connected. */
  readonly #peers = new Map<string, Peer>();
  readonly #received: Buffer[][] = [];
  readonly #firstPeer = Promise.withResolvers<Peer>();
  #wake: (() => void) | undefined;
  #wakePeers = Promise.withResolvers<void>();
  #listener: Deno.TcpListener | undefined;
  #connections = 0;
  #closed = false;

  /** @param identity the same on all sockets of a client, if it has one */
  constructor(type: SocketType, identity = "") {
    this.#type = type;
    this.#identity = identity;
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
        return void this.#serve(await Deno.connect({ hostname, port }), true);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  /** Queues a message; a ROUTER takes the route first, and what has no receiver is dropped. */
  send(frames: readonly Frame[]): void {
    if (this.#type === "PUB") {
      const bytes = encodeFrames(frames);
      for (const peer of this.#peers.values()) if (peer.ready) peer.outgoing.send(bytes);
    } else if (this.#type === "ROUTER") {
      const [route, ...rest] = frames;
      this.#peers.get(keyOf(route))?.outgoing.send(encodeFrames(rest));
    } else {
      const bytes = encodeFrames(frames);
      void this.#firstPeer.promise.then((peer) => peer.outgoing.send(bytes));
    }
  }

  /**
   * Queues a message to the client that has chosen the same identity on another socket, where it has
   * the route that `frames` start with. Of several, one that has shown the key goes first, then the
   * one that came first.
   */
  sendToSame([route, ...rest]: readonly Frame[]): void {
    if (!(route instanceof Uint8Array) || route.length <= NUMBER_BYTES) return;
    const identity = Buffer.from(route.subarray(NUMBER_BYTES));
    const same = this.#peers.values().filter((peer) => peer.identity.equals(identity)).toArray();
    (same.find(({ trusted }) => trusted) ?? same[0])?.outgoing.send(encodeFrames(rest));
  }

  /** The bytes that wait for the peer that is furthest behind. */
  get waiting(): number {
    return Math.max(0, ...this.#peers.values().map(({ outgoing }) => outgoing.waiting));
  }

  /** Whether no peer has so much waiting that more should not be sent. */
  hasRoom(most?: number): boolean {
    return this.#peers.values().every((peer) => peer.outgoing.hasRoom(most));
  }

  /** Resolves when there is room. */
  async whenRoom(most?: number): Promise<void> {
    await Promise.all(this.#peers.values().map((peer) => peer.outgoing.whenRoom(most)));
  }

  /** The peer of this route has shown the key, or else it has not and has to go. */
  judge(route: Frame | undefined, trusted: boolean): void {
    const peer = this.#peers.get(keyOf(route));
    if (trusted) peer?.trust();
    else if (peer?.trusted === false) peer.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer[], void> {
    while (!this.#closed) {
      const message = this.#received.shift();
      if (message) {
        this.#wakePeers.resolve();
        this.#wakePeers = Promise.withResolvers<void>();
        yield message;
      } else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  close(): void {
    this.#closed = true;
    this.#listener?.close();
    for (const peer of this.#peers.values()) peer.close();
    this.#wake?.();
    this.#wakePeers.resolve();
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    while (!this.#closed) {
      try {
        void this.#serve(await listener.accept(), false);
      } catch (error) {
        if (this.#closed) return;
        // Too many open files, most likely: a stranger has to go, and it is tried again.
        log(`Cannot accept a connection: ${error}`);
        this.#evict();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** @param trusted whether we chose to connect there */
  async #serve(conn: Deno.TcpConn, trusted: boolean): Promise<void> {
    const peer = new Peer(conn, trusted);
    const number = Buffer.alloc(NUMBER_BYTES);
    number.writeUInt32BE(++this.#connections);
    let key = number.toHex();
    const strangers = this.#peers.values().filter((peer) => !peer.trusted).toArray();
    if (strangers.length >= MAX_STRANGERS) this.#evict();
    this.#peers.set(key, peer);
    try {
      await peer.handshake(this.#type, this.#identity);
      const route = Buffer.concat([number, peer.identity]);
      this.#peers.delete(key);
      this.#peers.set(key = route.toHex(), peer);
      if (this.#type === "SUB") peer.outgoing.send(SUBSCRIBE_ALL);
      this.#firstPeer.resolve(peer);
      for (;;) {
        const message = await peer.message();
        this.#receive(peer, this.#type === "ROUTER" ? [route, ...message] : message);
        while (this.#received.length >= MAX_RECEIVED && !this.#closed) {
          await this.#wakePeers.promise;
        }
        await peer.outgoing.whenRoom(); // who does not read the answers need not ask for more
      }
    } catch (error) {
      if (!this.#closed && !isGone(error)) log(`Connection closed: ${error}`);
    } finally {
      this.#peers.delete(key);
      peer.close();
    }
  }

  #receive(peer: Peer, message: Buffer[]): void {
    if (this.#type === "PUB") return; // subscriptions: every Jupyter client takes everything
    if (this.#type === "REP") return peer.outgoing.send(encodeFrames(message));
    this.#received.push(message);
    this.#wake?.();
  }

  /** Of the strangers, the first that has not even said what it is has to go, else the last. */
  #evict(): void {
    const strangers = this.#peers.values().filter(({ trusted }) => !trusted).toArray();
    (strangers.find(({ ready }) => !ready) ?? strangers.at(-1))?.close();
  }
}

function keyOf(route: Frame | undefined): string {
  return route instanceof Uint8Array ? route.toHex() : "";
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
