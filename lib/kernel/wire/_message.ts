import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Frame } from "./_zmtp_frames.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The header of a message, see https://jupyter-client.readthedocs.io/en/stable/messaging.html. */
export interface Header extends Json {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
}

/** A message's parent may be missing: then it is `{}`. */
export type Parent = Header | Readonly<Record<string, never>>;

export interface Message {
  /** Routing identities in front of the message. */
  readonly ids: readonly Buffer[];
  readonly header: Header;
  readonly parent: Parent;
  readonly metadata: Json;
  readonly content: Json;
  /** The content's own bytes: passed on unparsed. */
  readonly rawContent: Buffer;
  readonly buffers: readonly Buffer[];
}

/** What is sent; `content` may be bytes of JSON. */
export interface Draft {
  readonly ids?: readonly Buffer[];
  readonly header: Header;
  readonly parent?: Parent;
  readonly metadata?: Json;
  readonly content: Json | Uint8Array;
  readonly buffers?: readonly Uint8Array[];
}

/** A message that cannot be trusted or read. */
export class MessageError extends Error {
  override readonly name = "MessageError";
}

const DELIMITER = Buffer.from("<IDS|MSG>");

/** Signs with HMAC-SHA256, checks signatures; an empty key means neither, as Jupyter defines it. */
export class Codec {
  readonly #key: string;
  readonly #session = crypto.randomUUID();
  readonly #seen = new Set<string>();

  constructor(key: string) {
    this.#key = key;
  }

  /**
   * The header of a new message of ours, always of one session: JupyterLab drops what it is still
   * working on as soon as a message of another session arrives.
   */
  header(type: string): Header {
    return {
      msg_id: crypto.randomUUID(),
      msg_type: type,
      session: this.#session,
      username: "kernel",
      date: new Date().toISOString(),
      version: "5.4",
    };
  }

  encode({ ids = [], header, parent = {}, metadata = {}, content, buffers = [] }: Draft): Frame[] {
    const body = content instanceof Uint8Array ? content : JSON.stringify(content);
    const signedParts: Frame[] = [
      JSON.stringify(header),
      JSON.stringify(parent),
      JSON.stringify(metadata),
      body,
    ];
    return [...ids, DELIMITER, this.#sign(signedParts), ...signedParts, ...buffers];
  }

  /** @throws MessageError if the signature is wrong, was seen before, or the message is malformed */
  decode(frames: readonly Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    const [signature, header, parent, metadata, rawContent] = frames.slice(at + 1, at + 6);
    if (at < 0 || !signature || !header || !parent || !metadata || !rawContent) {
      throw new MessageError(`Message with too few frames: ${frames.length}`);
    }
    this.#verify(signature, [header, parent, metadata, rawContent]);
    const parsed = parseObject(header);
    if (!isHeader(parsed)) throw new MessageError("Message without id or type");
    const parsedParent = parseObject(parent);
    let content: Json | undefined;
    return {
      ids: frames.slice(0, at),
      header: parsed,
      parent: isHeader(parsedParent) ? parsedParent : {},
      metadata: parseObject(metadata),
      get content() {
        return content ??= parseObject(rawContent);
      },
      rawContent,
      buffers: frames.slice(at + 6),
    };
  }

  #sign(parts: readonly Frame[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  #verify(signature: Buffer, parts: readonly Buffer[]): void {
    if (this.#key === "") return;
    const expected = Buffer.from(this.#sign(parts));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new MessageError("Message with a wrong signature");
    }
    const text = signature.toString("latin1");
    if (this.#seen.has(text)) throw new MessageError("Message with a signature seen before");
    this.#seen.add(text);
    const [oldest] = this.#seen;
    if (this.#seen.size > 65_536 && oldest !== undefined) this.#seen.delete(oldest);
  }
}

function parseObject(bytes: Buffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw new MessageError("Message that is not JSON", { cause: error });
  }
  if (!isJson(value)) throw new MessageError("Message part that is not an object");
  return value;
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isHeader(value: Json): value is Header {
  return typeof value.msg_id === "string" && typeof value.msg_type === "string" &&
    typeof value.session === "string";
}

/** A text of a message's content, or `""`. */
export function textOf(content: Json, key: string): string {
  const value = content[key];
  return typeof value === "string" ? value : "";
}
