import { isJson } from "./_message.ts";

/** What a connection file says. */
export interface Connection {
  readonly ip: string;
  readonly key: string;
  readonly shell_port: number;
  readonly control_port: number;
  readonly stdin_port: number;
  readonly iopub_port: number;
  readonly hb_port: number;
}

/**
 * Reads a client's connection file, makes it readable by the owner only, and refuses what the kernel
 * does not speak.
 */
export function readConnection(path: string): Connection {
  const file: unknown = JSON.parse(Deno.readTextFileSync(path));
  const wrong = problemOf(file);
  if (wrong !== undefined) throw new TypeError(`Cannot use the connection file ${path}: ${wrong}`);
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
  return file as Connection;
}

function problemOf(file: unknown): string | undefined {
  if (!isJson(file)) return "it holds no JSON object";
  for (const name of ["shell", "control", "stdin", "iopub", "hb"]) {
    if (!Number.isInteger(file[`${name}_port`])) return `${name}_port must be an integer`;
  }
  if (typeof file.ip !== "string" || typeof file.key !== "string") return "ip or key is missing";
  if (file.transport !== "tcp") return `transport must be tcp, got ${file.transport}`;
  if (file.key !== "" && file.signature_scheme !== "hmac-sha256") {
    return `signature_scheme must be hmac-sha256, got ${file.signature_scheme}`;
  }
}
