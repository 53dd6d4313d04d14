import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { log } from "../../wire/mod.ts";
import { configFolder } from "./_config_folder.ts";
import { decodeRpc, encodeRpc, type RpcMessage } from "./_rpc.ts";

export interface ServerOptions {
  /** The folder of the text; the nearest deno.json applies, its own or one above it. */
  readonly folder: string;
  /** The server's command; default `deno lsp`. */
  readonly command?: readonly string[] | undefined;
}

/** Where in a text, from 0; `character` counts UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

/** One that ended is started again, but not more often, in milliseconds. */
const RESTART_MS = 5000;
/** An answer that takes longer does not come: the server is ended. */
const PATIENCE_MS = 60_000;
/** Above this V8 ends the server, which is started again. */
const HEAP_MB = 1536;
/** What the server asks us for. */
const SETTINGS = {
  enable: true,
  lint: false,
  unstable: true,
  suggest: { autoImports: false, completeFunctionCalls: false },
};
const CAPABILITIES = {
  textDocument: {
    hover: { contentFormat: ["markdown"] },
    completion: {},
    signatureHelp: { signatureInformation: { documentationFormat: ["markdown"] } },
    diagnostic: {},
  },
  workspace: { configuration: true },
};

/** One text, and a process that answers questions about it. */
export class LanguageServer {
  readonly #options: ServerOptions;
  readonly #uri: string;
  #running: Running | undefined;
  #startedAt = -Infinity;
  #closed = false;
  /** Resolves when the last question is answered. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#uri = pathToFileURL(join(options.folder, "$cell.ts")).href;
  }

  /** The process, while there is one. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /**
   * What the server answers to a method about a text, at a place in it if there is one; undefined if
   * it cannot answer: it may have ended, and is started again behind the scenes.
   *
   * One question after another: the server answers with the text that it has then, and a next one
   * would bring another.
   */
  ask(text: string, method: string, position?: Place): Promise<unknown> {
    const answer = this.#last.then(() => this.#ask(text, method, position));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(text: string, method: string, position?: Place): Promise<unknown> {
    const running = this.#ready();
    if (!running) return undefined;
    const late = setTimeout(() => running.end(), PATIENCE_MS);
    try {
      await running.initialized;
      running.show(this.#uri, text);
      return await running.request(method, { textDocument: { uri: this.#uri }, position });
    } finally {
      clearTimeout(late);
    }
  }

  close(): void {
    this.#closed = true;
    this.#running?.end();
  }

  #ready(): Running | undefined {
    if (this.#running && !this.#running.hasEnded) return this.#running;
    const now = performance.now();
    if (this.#closed || now - this.#startedAt < RESTART_MS) return undefined;
    this.#startedAt = now;
    try {
      return this.#running = new Running(this.#options);
    } catch (error) {
      log(`Cannot start the language server: ${error}`);
    }
  }
}

/** A process of the server. */
class Running {
  readonly initialized: Promise<unknown>;
  hasEnded = false;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #requests = 0;
  #text: string | undefined;
  #version = 0;

  constructor({ folder, command = [Deno.execPath(), "lsp", "--quiet"] }: ServerOptions) {
    // Cells go first.
    const nice = Deno.build.os === "windows" ? [] : ["nice", "-n", "10"];
    const [program = "", ...args] = [...nice, ...command];
    this.#process = new Deno.Command(program, {
      args,
      cwd: folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: {
        NO_COLOR: "1",
        DENO_NO_UPDATE_CHECK: "1",
        DENO_V8_FLAGS: `--max-old-space-size=${HEAP_MB}`,
      },
      detached: true, // an interrupt of the process group is for the cells
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    void this.#read();
    void this.#process.status.then(() => this.#finish());
    // The server looks for a deno.json there, and in few folders above it.
    const root = pathToFileURL(configFolder(folder) ?? folder).href;
    const initializationOptions = SETTINGS;
    this.initialized = this.request("initialize", {
      processId: Deno.pid, // it ends when we do
      rootUri: root,
      workspaceFolders: [{ uri: root, name: "notebook" }],
      initializationOptions,
      capabilities: CAPABILITIES,
    }).then(() => this.#send({ method: "initialized", params: {} }));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The text that is asked about from now on. */
  show(uri: string, text: string): void {
    if (text === this.#text) return;
    const version = ++this.#version;
    if (this.#text === undefined) {
      const textDocument = { uri, languageId: "typescript", version, text };
      this.#send({ method: "textDocument/didOpen", params: { textDocument } });
    } else {
      const textDocument = { uri, version }, contentChanges = [{ text }];
      this.#send({ method: "textDocument/didChange", params: { textDocument, contentChanges } });
    }
    this.#text = text;
  }

  /** Undefined where the server has no answer, or ends. */
  request(method: string, params: unknown): Promise<unknown> {
    if (this.hasEnded) return Promise.resolve(undefined);
    const id = ++this.#requests;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, resolve);
    this.#send({ id, method, params });
    return promise.finally(() => this.#waiting.delete(id));
  }

  end(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
  }

  #send(message: RpcMessage): void {
    this.#writer.write(encodeRpc(message)).catch(() => {}); // its end is noticed elsewhere
  }

  async #read(): Promise<void> {
    try {
      for await (const { id, method, params, result } of decodeRpc(this.#process.stdout)) {
        if (method === undefined) this.#waiting.get(Number(id))?.(result);
        else if (id !== undefined) this.#send({ id, result: answerTo(method, params) });
      }
    } catch (error) {
      log(`Cannot read from the language server: ${error}`);
      this.end();
    }
  }

  #finish(): void {
    this.hasEnded = true;
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#writer.close().catch(() => {});
  }
}

function answerTo(method: string, params: unknown): unknown {
  if (method !== "workspace/configuration") return null;
  const { items } = params as { readonly items: readonly unknown[] };
  return items.map(() => SETTINGS);
}
