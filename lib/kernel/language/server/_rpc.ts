import { Buffer } from "node:buffer";

/** A server that sends more at once is out of its mind. */
const MAX_BYTES = 64 * 2 ** 20;
const HEAD_END = Buffer.from("\r\n\r\n");

/** A message of JSON-RPC; of a request both, of a notification the method, of an answer the id. */
export interface RpcMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** The bytes of a message, see https://www.jsonrpc.org/specification and the LSP's base protocol. */
export function encodeRpc(message: RpcMessage): Uint8Array<ArrayBuffer> {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  return Uint8Array.from(
    Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]),
  );
}

/** The messages in a stream of bytes. */
export async function* decodeRpc(stream: AsyncIterable<Uint8Array>): AsyncGenerator<RpcMessage> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    for (let end; (end = rest.indexOf(HEAD_END)) >= 0;) {
      const head = rest.toString("latin1", 0, end);
      const length = Number(/content-length: *(\d+)/i.exec(head)?.[1]);
      if (!(length <= MAX_BYTES)) throw new Error(`Cannot read a message of ${length} bytes`);
      const start = end + HEAD_END.length;
      if (rest.length < start + length) break;
      yield JSON.parse(rest.toString("utf8", start, start + length));
      rest = rest.subarray(start + length);
    }
    if (rest.length > MAX_BYTES + 1000) throw new Error("Cannot read a message without an end");
  }
}
