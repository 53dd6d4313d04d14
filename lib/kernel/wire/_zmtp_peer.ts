import { Buffer } from "node:buffer";
import { log } from "./_log.ts";

/** What can be sent as a frame; text goes as UTF-8. */
export type Frame = Uint8Array | string;

const MORE = 1, LONG = 2, COMMAND = 4;
const GREETING = 64, MAX_IDENTITY = 255;
/** A message that claims to be longer than this comes from no Jupyter client. */
const MAX_MESSAGE = 2 ** 30;
/** As long as a peer may be a stranger. */
export const MAX_STRANGERS_MESSAGE = 2 ** 20;
/** In which a stranger has to be through with the handshake, or with a message it began. */
const STRANGERS_MS = 10_000;
/** What each frame counts besides its bytes: a message of many empty frames takes memory, too. */
const FRAME_COST = 64;
/** Bytes of memory taken at a time, for frames that are not longer. */
const BLOCK = 65_536;

/** While more than this waits for a peer, whoever sends has to wait. */
export const MAX_WAITING = 8 * 2 ** 20;
/** A peer for which that much waits has to take so many bytes within so many milliseconds. */
const MIN_TAKEN = 65_536, STALL_MS = 15_000;
const LOOK_MS = 1000;
/** Bytes offered to the operating system at a time, so that progress can be seen. */
const WRITE = 262_144;

/**
 * One connection that speaks ZMTP 3.0 with the NULL mechanism, as much as Jupyter needs.
 *
 * Written here because the native `zeromq` of npm misses wake-ups under Deno: an idle ROUTER may
 * never be read. See https://rfc.zeromq.org/spec/23/.
 */
export class Peer {
  /** The peer's own choice; clients use one on all their channels. */
  identity: Buffer = Buffer.alloc(0);
  /** Whether it has shown that it knows the key: strangers get small bounds and a deadline. */
  trusted = false;
  /** Whether messages can be sent: the handshake is over. */
  ready = false;
  readonly #conn: Deno.TcpConn;
  /** What was read and is not taken yet lies in it from `#start` to `#end`. */
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  readonly #outgoing: Uint8Array[] = [];
  /** Bytes that wait, and those that were taken since a time. */
  #waiting = 0;
  #taken = 0;
  #takenSince = 0;
  #writing = false;
  #watch: ReturnType<typeof setInterval> | undefined;
  #closed = false;
  readonly #wakes = new Set<() => void>();

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Exchanges greetings and READY commands; `type` is our socket's type, for example `ROUTER`. */
  async handshake(type: string, identity = ""): Promise<void> {
    this.#conn.setNoDelay(true);
    this.#expect();
    this.send(Buffer.concat([greeting(), ready(type, identity)]));
    const theirs = await this.#read(GREETING);
    if (theirs[0] !== 0xff || (theirs[10] ?? 0) < 3 || !theirs.subarray(12).includes("NULL")) {
      throw new Error("Cannot talk to this peer: it does not speak ZMTP 3 with mechanism NULL");
    }
    const [flags, body] = await this.#frame(MAX_STRANGERS_MESSAGE);
    if (!(flags & COMMAND)) throw new Error("Cannot talk to this peer: it sent no READY command");
    const theirIdentity = properties(body).get("identity") ?? Buffer.alloc(0);
    if (theirIdentity.length > MAX_IDENTITY) throw new Error("The peer's identity is too long");
    this.identity = Buffer.from(theirIdentity);
    this.ready = true;
    this.#fulfilled();
  }

  /** The next message; rejects when the connection is closed. */
  async message(): Promise<Buffer[]> {
    const frames: Buffer[] = [];
    for (let size = 0;;) {
      const most = this.trusted ? MAX_MESSAGE : MAX_STRANGERS_MESSAGE;
      const [flags, frame] = await this.#frame(most - size);
      size += frame.length + FRAME_COST;
      if (flags & COMMAND) continue;
      frames.push(frame);
      if (flags & MORE) continue;
      this.#fulfilled();
      return frames;
    }
  }

  /** Queues bytes, which are written whole and in order. */
  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#outgoing.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting > MAX_WAITING && this.#watch === undefined) {
      this.#taken = 0;
      this.#takenSince = performance.now();
      this.#watch = setInterval(() => this.#look(), LOOK_MS);
    }
    if (!this.#writing) void this.#write();
  }

  /** Whether no more than so many bytes wait, or the connection is closed. */
  hasRoom(most: number = MAX_WAITING): boolean {
    return this.#waiting <= most || this.#closed;
  }

  /** Resolves when there is room. */
  async whenRoom(most: number = MAX_WAITING): Promise<void> {
    while (!this.hasRoom(most)) {
      await new Promise<void>((resolve) => this.#wakes.add(resolve));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fulfilled();
    clearInterval(this.#watch);
    this.#outgoing.length = 0;
    this.#wake();
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      for (let bytes; (bytes = this.#outgoing.shift());) {
        for (let i = 0; i < bytes.length && !this.#closed;) {
          const count = await this.#conn.write(bytes.subarray(i, i + WRITE));
          i += count;
          this.#taken += count;
          this.#waiting -= count;
        }
        if (this.#waiting <= MAX_WAITING) {
          clearInterval(this.#watch);
          this.#watch = undefined;
        }
        this.#wake();
      }
    } catch {
      this.close(); // whoever reads learns of it
    } finally {
      this.#writing = false;
    }
  }

  #look(): void {
    const now = performance.now();
    if (this.#taken >= MIN_TAKEN) {
      this.#taken = 0;
      this.#takenSince = now;
    } else if (now - this.#takenSince > STALL_MS) {
      const [waiting, most] = [this.#waiting, MAX_WAITING].map((n) => Math.round(n / 2 ** 20));
      log(
        `Disconnected a peer that reads nothing: in ${STALL_MS / 1000} s it took ${this.#taken} ` +
          `bytes, ${waiting} MB wait, and ${most} may`,
      );
      this.close();
    }
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }

  /** Something has begun that a stranger has to end in time. */
  #expect(): void {
    if (this.trusted || this.#deadline !== undefined) return;
    this.#deadline = setTimeout(() => {
      log(`Disconnected a peer: it did not end within ${STRANGERS_MS / 1000} s what it began`);
      this.close();
    }, STRANGERS_MS);
  }

  #fulfilled(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  async #frame(most: number): Promise<[flags: number, frame: Buffer]> {
    const flags = (await this.#read(1)).readUInt8();
    this.#expect();
    const size = flags & LONG
      ? Number((await this.#read(8)).readBigUInt64BE())
      : (await this.#read(1)).readUInt8();
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

/** The bytes of a message of several frames. */
export function encodeFrames(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.flatMap((frame, i) => {
    const bytes = typeof frame === "string" ? Buffer.from(frame) : frame;
    const more = i < frames.length - 1 ? MORE : 0;
    if (bytes.length < 256) return [Buffer.from([more, bytes.length]), bytes];
    const head = Buffer.alloc(9);
    head[0] = more | LONG;
    head.writeBigUInt64BE(BigInt(bytes.length), 1);
    return [head, bytes];
  }));
}

/** Asks a PUB socket for everything. */
export const SUBSCRIBE_ALL: Uint8Array = encodeFrames([new Uint8Array([1])]);

function greeting(): Buffer {
  const bytes = Buffer.alloc(GREETING);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.write("NULL", 12);
  return bytes;
}

function ready(socketType: string, identity: string): Buffer {
  const body = Buffer.concat([
    Buffer.from("\x05READY"),
    property("Socket-Type", socketType),
    ...identity === "" ? [] : [property("Identity", identity)],
  ]);
  return Buffer.concat([Buffer.from([COMMAND, body.length]), body]);
}

function property(name: string, value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, bytes]);
}

/** The properties of a READY command, names in lower case. */
function properties(ready: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let i = 1 + "READY".length; i < ready.length;) {
    const nameEnd = i + 1 + ready.readUInt8(i);
    const name = ready.toString("latin1", i + 1, nameEnd).toLowerCase();
    i = nameEnd + 4 + ready.readUInt32BE(nameEnd);
    found.set(name, ready.subarray(nameEnd + 4, i));
  }
  return found;
}
