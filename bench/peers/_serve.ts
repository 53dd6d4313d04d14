import process from "node:process";
import {
  linesOf,
  type Memory,
  numberIn,
  type PeerMethods,
  type Setup,
  valueIn,
} from "../_protocol.ts";

/** Answers the harness's requests with `peer` until standard input ends. */
export async function serve(peer: PeerMethods): Promise<void> {
  for await (const line of linesOf(Deno.stdin.readable)) {
    const request: unknown = JSON.parse(line);
    const id = numberIn(request, "id");
    try {
      const result = await call(peer, valueIn(request, "method"), valueIn(request, "params"));
      answer({ id, result: result ?? {} });
    } catch (error) {
      answer({ id, error: error instanceof Error ? error.stack ?? error.message : String(error) });
    }
  }
}

/** Runs `step` that many times and times each; it must be finished when its promise is. */
export async function timed(
  step: () => Promise<number>,
  steps: number,
): Promise<{ ms: number[]; loss: number }> {
  const ms: number[] = [];
  let loss = NaN;
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    loss = await step();
    ms.push(performance.now() - start);
  }
  return { ms, loss };
}

/** Peak and current resident memory of this process, without a permission to read /proc. */
export function residentMemory(): Memory {
  const { rss: residentBytes, heapTotal: heapBytes } = Deno.memoryUsage();
  const { maxRSS } = process.resourceUsage(); // in KiB; the kernel updates it now and then
  return { peakBytes: Math.max(maxRSS * 1024, residentBytes), residentBytes, heapBytes };
}

function call(peer: PeerMethods, method: unknown, params: unknown): Promise<unknown> {
  switch (method) {
    case "hello":
      return peer.hello();
    case "setup":
      return peer.setup(params as Setup); // the harness is typed with the same Setup
    case "run":
      return peer.run(numberIn(params, "steps"));
    case "memory":
      return peer.memory();
    default:
      throw new TypeError(`Cannot answer ${JSON.stringify(method)}: hello, setup, run or memory`);
  }
}

function answer(message: object): void {
  // JSON has no NaN: it arrives as null, and the harness says that a loss is not finite.
  let bytes = new TextEncoder().encode(JSON.stringify(message) + "\n");
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}
