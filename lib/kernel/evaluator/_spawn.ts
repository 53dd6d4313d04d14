import { freePorts } from "../../system/mod.ts";
import { dirname, join } from "node:path";
import { log } from "../wire/mod.ts";

/** Deno's parser ends the process when a cell is nested too deep for the stack; only reserved. */
const STACK_BYTES = String(64 * 2 ** 20);
/** The evaluator calls V8's collector and asks it for the text of cells as they run. */
const OWN_V8_FLAGS = ["--expose-gc", "--allow-natives-syntax"];
const CHANNELS = ["shell", "control", "stdin", "iopub", "hb"] as const;

/**
 * Runs a command in place of itself, and beside it a watch that reads standard input: a line ends
 * the watch; the end of the input, which comes however the relay dies, ends the command and removes
 * the folder. Before its own code runs, the evaluator cannot do that itself.
 */
const WATCHED = `exec 3<&0 </dev/null
( read -r _ <&3 || { kill -9 $$; rm -rf "$1"; } ) >/dev/null 2>&1 &
shift
exec "$@" 3<&-`;

/** What a new evaluator listens to. */
export interface Started {
  /** The connection file, in a folder of its own. */
  readonly file: string;
  readonly key: string;
  readonly ports: Readonly<Record<typeof CHANNELS[number], number>>;
}

/** Chooses ports and a key, and writes them to a connection file. */
export function writeConnection(): Started {
  const folder = Deno.makeTempDirSync({ prefix: "deno-kernel-" }); // created with mode 0700
  const file = join(folder, "connection.json");
  const key = crypto.randomUUID();
  const free = freePorts(CHANNELS.length);
  const ports = Object.fromEntries(
    CHANNELS.map((name, i) => [name, free[i]]),
  ) as Started["ports"];
  const connection = {
    transport: "tcp",
    ip: "127.0.0.1",
    signature_scheme: "hmac-sha256",
    key,
    kernel_name: "deno",
    ...Object.fromEntries(CHANNELS.map((name) => [`${name}_port`, ports[name]])),
  };
  Deno.writeTextFileSync(file, JSON.stringify(connection), { mode: 0o600 });
  return { file, key, ports };
}

/** Starts Deno's kernel below a watch that ends it with the relay. */
export function spawn(file: string, cwd: string): Deno.ChildProcess {
  const command = [Deno.execPath(), "jupyter", "--quiet", "--kernel", "--conn", file];
  const [program = "", ...args] = Deno.build.os === "windows"
    ? command
    : ["/bin/sh", "-c", WATCHED, "watch", dirname(file), ...command];
  return new Deno.Command(program, {
    args,
    cwd,
    stdin: "piped",
    env: {
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1", // saved outputs are plain text
      RUST_MIN_STACK: STACK_BYTES,
      DENO_V8_FLAGS: [...OWN_V8_FLAGS, Deno.env.get("DENO_V8_FLAGS") ?? []].flat().join(","),
    },
    detached: true, // a SIGINT goes to the whole process group, and ends Deno's kernel
  }).spawn();
}

/** The watch is not to end another process that gets the evaluator's number. */
export async function dismissWatch({ stdin }: Deno.ChildProcess): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new Uint8Array([10]));
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) log(`Cannot end the watch: ${error}`);
  }
}
