import { Buffer } from "node:buffer";

/** What can be sent as a frame; text goes as UTF-8. */
export type Frame = Uint8Array | string;

/** Flags of a frame: another follows; its length has eight bytes; it is no part of a message. */
export const MORE = 1, LONG = 2, COMMAND = 4;
/** Bytes of a greeting. */
export const GREETING = 64;

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

/** ZMTP 3.0 with the NULL mechanism. */
export function greeting(): Buffer {
  const bytes = Buffer.alloc(GREETING);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.write("NULL", 12);
  return bytes;
}

/** The READY command of a socket. */
export function ready(socketType: string, identity: string): Buffer {
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
export function properties(ready: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let i = 1 + "READY".length; i < ready.length;) {
    const nameEnd = i + 1 + ready.readUInt8(i);
    const name = ready.toString("latin1", i + 1, nameEnd).toLowerCase();
    i = nameEnd + 4 + ready.readUInt32BE(nameEnd);
    found.set(name, ready.subarray(nameEnd + 4, i));
  }
  return found;
}
