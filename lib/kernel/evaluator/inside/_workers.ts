import type { OutputPipe } from "./_pipe.ts";

/** Marks what a worker prints among the messages that it posts. */
const KEY = crypto.randomUUID();
/** Where a worker's module may lie, for another module to import it. */
const PROTOCOLS = ["file:", "blob:", "data:", "http:", "https:"];

/** A module that runs in a worker in front of its own: the console posts what it prints. */
const CONSOLE = `const { Console } = Deno[Deno.internal];
const post = globalThis.postMessage.bind(globalThis);
Object.assign(console, new Console((text, level) => {
  post({ "${KEY}": [level > 1 ? "stderr" : "stdout", text] });
}));`;

/**
 * Replaces `Worker` by one whose console is shown in the cell: Deno's kernel loses it. Workers with
 * permissions of their own are left as they are, because they might not import the second module.
 */
export function installWorkers(pipe: OutputPipe): void {
  const show = (event: MessageEvent) => {
    const printed: ["stdout" | "stderr", string] | undefined = event.data?.[KEY];
    if (printed === undefined) return;
    event.stopImmediatePropagation(); // first of all listeners: the cell's own see nothing of it
    pipe.text(...printed);
  };
  globalThis.Worker = class Worker extends globalThis.Worker {
    constructor(specifier: string | URL, options?: WorkerOptions) {
      super(withConsole(specifier, options) ?? specifier, options);
      this.addEventListener("message", show);
    }
  };
}

/** The URL of a module that imports the console and then the worker's own module. */
function withConsole(
  specifier: string | URL,
  options: WorkerOptions & { deno?: unknown } = {},
): string | undefined {
  const url = URL.parse(specifier);
  if (!url || !PROTOCOLS.includes(url.protocol) || options.deno !== undefined) return undefined;
  const location = `Object.defineProperty(globalThis, "location", { value: new URL(${
    JSON.stringify(url.href)
  }) });`;
  return moduleOf(
    `import ${JSON.stringify(moduleOf(CONSOLE + location))};import ${JSON.stringify(url.href)};`,
  );
}

function moduleOf(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
