import { freePorts } from "../../system/mod.ts";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "../wire/mod.ts";

/** Deno's parser ends the process when a cell is nested too deep for the stack; only reserved. */
const STACK_BYTES = String(64 * 2 ** 20);
/** The evaluator calls V8's collector and asks it for the text of cells as they run. */
const OWN_V8_FLAGS = ["--expose-gc", "--allow-natives-syntax"];
const FILE = "connection.json";
const CHANNELS = ["shell", "control", "stdin", "iopub", "hb"] as const;

/**
 * Puts the line that it reads into a connection file, in a folder that nobody else can open; runs a
 * command in place of itself, and beside it a watch that reads standard input: a line ends the watch;
 * the end of the input, which comes however the relay dies, ends the command and removes the folder.
 * Before its own code runs, the evaluator cannot do that itself; and were the folder the relay's, one
 * that is killed before this runs would leave it.
 */
const WATCHED =
  `read -r line && ( umask 077; mkdir "$1" && printf '%s' "$line" > "$1/${FILE}" ) || exit 1
exec 3<&0 </dev/null
( read -r _ <&3 || { kill -9 $$; rm -rf "$1"; } ) >/dev/null 2>&1 &
shift
exec "$@" 3<&-`;

/** What a new evaluator listens to. */
export interface Connection {
  /** Of its connection file alone. */
  readonly folder: string;
  readonly key: string;
  readonly ports: Readonly<Record<typeof CHANNELS[number], number>>;
}

/** Chooses ports, a key and a folder. */
export function chooseConnection(): Connection {
  const free = freePorts(CHANNELS.length);
  return {
    folder: join(tmpdir(), `deno-kernel-${crypto.randomUUID()}`),
    key: crypto.randomUUID(),
    ports: Object.fromEntries(
      CHANNELS.map((name, i) => [name, free[i]]),
    ) as Connection["ports"],
  };
}

/** Starts Deno's kernel below a watch that ends it with the relay. */
export function spawn(connection: Connection, cwd: string): Watched {
  const { folder } = connection;
  const file = join(folder, FILE);
  const command = [Deno.execPath(), "jupyter", "--quiet", "--kernel", "--conn", file];
  const isWatched = Deno.build.os !== "windows";
  const [program = "", ...args] = isWatched
    ? ["/bin/sh", "-c", WATCHED, "watch", folder, ...command]
    : command;
  if (!isWatched) {
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(file, contentOf(connection));
  }
  const process = new Deno.Command(program, {
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
  return new Watched(process, isWatched ? contentOf(connection) : undefined);
}

/** A process and the watch beside it. */
export class Watched {
  readonly process: Deno.ChildProcess;
  readonly #watch: WritableStreamDefaultWriter<Uint8Array>;

  /** @param first the line that it waits for */
  constructor(process: Deno.ChildProcess, first: string | undefined) {
    this.process = process;
    this.#watch = process.stdin.getWriter();
    // Gone: its end is noticed elsewhere.
    if (first !== undefined) this.#say(first).catch(() => {});
  }

  /** The process has ended: the watch is not to end another one that gets its number. */
  async dismiss(): Promise<void> {
    try {
      await this.#say("");
      await this.#watch.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) log(`Cannot end the watch: ${error}`);
    }
  }

  #say(line: string): Promise<void> {
    return this.#watch.write(new TextEncoder().encode(`${line}\n`));
  }
}

/** Of the connection file: JSON in a line. */
function contentOf({ key, ports }: Connection): string {
  return JSON.stringify({
    transport: "tcp",
    ip: "127.0.0.1",
    signature_scheme: "hmac-sha256",
    key,
    kernel_name: "deno",
    ...Object.fromEntries(CHANNELS.map((name) => [`${name}_port`, ports[name]])),
  });
}
