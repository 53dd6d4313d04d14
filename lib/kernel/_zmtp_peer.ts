import { Buffer } from "node:buffer";

/** What can be sent as a frame; text goes as UTF-8. */
export type Frame = Uint8Array | string;

const MORE = 1, LONG = 2, COMMAND = 4;
const GREETING = 64;
/** A frame that claims to be longer than this comes from no Jupyter client. */
const MAX_FRAME = 2 ** 30;

/**
 * One connection that speaks ZMTP 3.0 with the NULL mechanism, as much as Jupyter needs.
 *
 * Written here because the native `zeromq` of npm misses wake-ups under Deno: an idle ROUTER may
 * never be read. See https://rfc.zeromq.org/spec/23/.
 */
export class Peer {
  /** What a ROUTER tells peers apart by: the peer's own choice, else random. */
  identity: Buffer = Buffer.from(crypto.getRandomValues(new Uint8Array(5)));
  readonly #conn: Deno.TcpConn;
  #buffered: Buffer = Buffer.alloc(0);
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    conn.setNoDelay(true);
  }

  /** Exchanges greetings and READY commands; `type` is our socket's type, for example `ROUTER`. */
  async handshake(type: string): Promise<void> {
    const written = this.write(Buffer.concat([greeting(), ready(type)]));
    const theirs = await this.#read(GREETING);
    if (theirs[0] !== 0xff || (theirs[10] ?? 0) < 3 || !theirs.subarray(12).includes("NULL")) {
      throw new Error("Cannot talk to this peer: it does not speak ZMTP 3 with mechanism NULL");
    }
    const [flags, body] = await this.#frame();
    if (!(flags & COMMAND)) throw new Error("Cannot talk to this peer: it sent no READY command");
    const identity = properties(body).get("identity");
    if (identity?.length) this.identity = Buffer.from(identity);
    await written;
  }

  /** The next message; rejects when the connection is closed. */
  async message(): Promise<Buffer[]> {
    const frames: Buffer[] = [];
    for (;;) {
      const [flags, frame] = await this.#frame();
      if (flags & COMMAND) continue;
      frames.push(frame);
      if (!(flags & MORE)) return frames;
    }
  }

  /** Writes whole: the bytes of two calls never mix. */
  write(bytes: Uint8Array): Promise<void> {
    const written = this.#lastWrite.then(async () => {
      for (let i = 0; i < bytes.length;) i += await this.#conn.write(bytes.subarray(i));
    });
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  close(): void {
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #frame(): Promise<[flags: number, frame: Buffer]> {
    const flags = (await this.#read(1)).readUInt8();
    const size = flags & LONG
      ? Number((await this.#read(8)).readBigUInt64BE())
      : (await this.#read(1)).readUInt8();
    if (size > MAX_FRAME) throw new Error(`Cannot read a frame of ${size} bytes`);
    return [flags, await this.#read(size)];
  }

  async #read(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = size; missing > 0;) {
      if (this.#buffered.length === 0) {
        const chunk = Buffer.allocUnsafeSlow(Math.max(missing, 65_536));
        const count = await this.#conn.read(chunk);
        if (count === null) throw new Deno.errors.UnexpectedEof("The peer closed the connection");
        this.#buffered = chunk.subarray(0, count);
      }
      const part = this.#buffered.subarray(0, missing);
      this.#buffered = this.#buffered.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
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

function ready(socketType: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(socketType.length);
  const body = Buffer.concat([
    Buffer.from("\x05READY\x0bSocket-Type"),
    length,
    Buffer.from(socketType),
  ]);
  return Buffer.concat([Buffer.from([COMMAND, body.length]), body]);
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
