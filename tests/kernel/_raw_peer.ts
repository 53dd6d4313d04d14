import { Buffer } from "node:buffer";
import { PATIENCE_MS } from "../_wait.ts";

/** A ZeroMQ peer that does only what it is told: for tests that misbehave on purpose. */
export class RawPeer {
  readonly conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.conn = conn;
  }

  /** Connects, and with a socket type also goes through the handshake. */
  static async connect(port: number, type?: string, identity = ""): Promise<RawPeer> {
    const peer = new RawPeer(await Deno.connect({ hostname: "127.0.0.1", port }));
    if (type === undefined) return peer;
    const greeting = Buffer.alloc(64);
    greeting[0] = 0xff;
    greeting[9] = 0x7f;
    greeting[10] = 3;
    greeting.write("NULL", 12);
    const body = Buffer.concat([
      Buffer.from("\x05READY"),
      property("Socket-Type", type),
      ...identity === "" ? [] : [property("Identity", identity)],
    ]);
    await peer.write(Buffer.concat([greeting, Buffer.from([4, body.length]), body]));
    if (type === "SUB") await peer.write(Buffer.from([0, 1, 1]));
    return peer;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let i = 0; i < bytes.length;) i += await this.conn.write(bytes.subarray(i));
  }

  /** What arrives within so many milliseconds, or until the other side closes. */
  async read(milliseconds: number): Promise<{ readonly bytes: Buffer; readonly closed: boolean }> {
    const parts: Buffer[] = [];
    let closed = false;
    const timer = setTimeout(() => this.close(), milliseconds);
    try {
      for (;;) {
        const chunk = Buffer.alloc(65_536);
        const count = await this.conn.read(chunk);
        if (count === null) {
          closed = true;
          break;
        }
        parts.push(chunk.subarray(0, count));
      }
    } catch (error) {
      closed = error instanceof Deno.errors.ConnectionReset;
    }
    clearTimeout(timer);
    return { bytes: Buffer.concat(parts), closed };
  }

  /**
   * Whether the other side closes the connection; what it says before is passed over.
   *
   * @param milliseconds within which; default before a stranger's time is over, which are 10 s
   */
  async isLeft(milliseconds = 8000): Promise<boolean> {
    return (await this.read(milliseconds)).closed;
  }

  /** Reads until a text has come. @throws Error if it never does */
  async hears(text: string): Promise<void> {
    let heard = "";
    const timer = setTimeout(() => this.close(), PATIENCE_MS);
    try {
      for (const chunk = Buffer.alloc(65_536); !heard.includes(text);) {
        const count = await this.conn.read(chunk);
        if (count === null) throw new Error(`The connection ended without ${text}`);
        heard += chunk.toString("latin1", 0, count);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    try {
      this.conn.close();
    } catch {
      // Closed already.
    }
  }
}

/** The head of a frame that claims this length. */
export function frameHead(length: number, more = false): Buffer {
  const head = Buffer.alloc(9);
  head[0] = (more ? 1 : 0) | 2;
  head.writeBigUInt64BE(BigInt(length), 1);
  return head;
}

function property(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
}
