import { Buffer } from "node:buffer";
import { log } from "./_log.ts";
import { Outgoing } from "./_outgoing.ts";
import { COMMAND, GREETING, greeting, LONG, MORE, properties, ready } from "./_zmtp_frames.ts";

const MAX_IDENTITY = 255;
/** A message that claims to be longer than this comes from no Jupyter client. */
const MAX_MESSAGE = 2 ** 30;
/** As long as a peer may be a stranger. */
const MAX_STRANGERS_MESSAGE = 2 ** 20;
/** In which a stranger has to be through with the handshake, or with a message it began. */
const STRANGERS_MS = 10_000;
/** What each frame counts besides its bytes: a message of many empty frames takes memory, too. */
const FRAME_COST = 64;
/** Bytes of memory taken at a time, for frames that are not longer. */
const BLOCK = 65_536;

/**
 * One connection that speaks ZMTP 3.0 with the NULL mechanism, as much as Jupyter needs.
 *
 * Written here because the native `zeromq` of npm misses wake-ups under Deno: an idle ROUTER may
 * never be read. See https://rfc.zeromq.org/spec/23/.
 */
export class Peer {
  #identity: Buffer = Buffer.alloc(0);
  #trusted: boolean;
  #ready = false;
  readonly #conn: Deno.TcpConn;
  /** What was read and is not taken yet lies in it from `#start` to `#end`. */
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** What waits to be sent. */
  readonly outgoing: Outgoing;
  #closed = false;

  /** @param trusted whether we chose to connect there */
  constructor(conn: Deno.TcpConn, trusted: boolean) {
    this.#conn = conn;
    this.#trusted = trusted;
    // Whoever reads learns of the end.
    this.outgoing = new Outgoing(conn, () => this.close());
  }

  /** The peer's own choice; clients use one on all their channels. */
  get identity(): Buffer {
    return this.#identity;
  }

  /** Whether it has shown that it knows the key: strangers get small bounds and a deadline. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** Whether messages can be sent: the handshake is over. */
  get ready(): boolean {
    return this.#ready;
  }

  /** It has shown the key. */
  trust(): void {
    this.#trusted = true;
  }

  /** Exchanges greetings and READY commands; `type` is our socket's type, for example `ROUTER`. */
  async handshake(type: string, identity = ""): Promise<void> {
    this.#conn.setNoDelay(true);
    this.#expect();
    this.outgoing.send(Buffer.concat([greeting(), ready(type, identity)]));
    const theirs = await this.#read(GREETING);
    if (theirs[0] !== 0xff || (theirs[10] ?? 0) < 3 || !theirs.subarray(12).includes("NULL")) {
      throw new Error("Cannot talk to this peer: it does not speak ZMTP 3 with mechanism NULL");
    }
    const [flags, body] = await this.#frame();
    if (!(flags & COMMAND)) throw new Error("Cannot talk to this peer: it sent no READY command");
    const theirIdentity = properties(body).get("identity") ?? Buffer.alloc(0);
    if (theirIdentity.length > MAX_IDENTITY) throw new Error("The peer's identity is too long");
    this.#identity = Buffer.from(theirIdentity);
    this.#ready = true;
    this.#fulfilled();
  }

  /** The next message; rejects when the connection is closed. */
  async message(): Promise<Buffer[]> {
    const frames: Buffer[] = [];
    for (let size = 0;;) {
      const [flags, frame] = await this.#frame(size);
      size += frame.length + FRAME_COST;
      if (flags & COMMAND) continue;
      frames.push(frame);
      if (flags & MORE) continue;
      this.#fulfilled();
      return frames;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fulfilled();
    this.outgoing.close();
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** Something has begun that a stranger has to end in time. */
  #expect(): void {
    if (this.#trusted || this.#deadline !== undefined) return;
    this.#deadline = setTimeout(() => {
      log(`Disconnected a peer: it did not end within ${STRANGERS_MS / 1000} s what it began`);
      this.close();
    }, STRANGERS_MS);
  }

  #fulfilled(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /**
   * The next frame. What it may have is looked at when it comes: meanwhile the message before may
   * have shown the key.
   *
   * @param before bytes of the message's earlier frames
   */
  async #frame(before = 0): Promise<[flags: number, frame: Buffer]> {
    const flags = (await this.#read(1)).readUInt8();
    this.#expect();
    const size = flags & LONG
      ? Number((await this.#read(8)).readBigUInt64BE())
      : (await this.#read(1)).readUInt8();
    const most = (this.#trusted ? MAX_MESSAGE : MAX_STRANGERS_MESSAGE) - before;
    if (size > most) throw new Error(`Cannot read a frame of ${size} bytes, the limit is ${most}`);
    return [flags, await this.#read(size)];
  }

  /** Frames are parts of the block that was read into; one that is longer gets its own, once. */
  async #read(size: number): Promise<Buffer> {
    if (this.#block.length - this.#start < size) {
      const block = Buffer.allocUnsafeSlow(Math.max(size, BLOCK));
      this.#end = this.#block.copy(block, 0, this.#start, this.#end);
      this.#start = 0;
      this.#block = block;
    }
    while (this.#end - this.#start < size) {
      const count = await this.#conn.read(this.#block.subarray(this.#end));
      if (count === null) throw new Deno.errors.UnexpectedEof("The peer closed the connection");
      this.#end += count;
    }
    return this.#block.subarray(this.#start, this.#start += size);
  }
}
