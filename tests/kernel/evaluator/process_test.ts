import { assertEquals } from "@std/assert";
import { Evaluator } from "../../../lib/kernel/evaluator/mod.ts";

/** Has whoever listens on any free port get the one that was given back last, if there is one. */
async function reusingPorts(body: () => Promise<void>): Promise<void> {
  const { listen } = Deno;
  const left: number[] = [];
  Deno.listen = ((options: Deno.TcpListenOptions) => {
    const listener = listen({ ...options, port: options.port || (left.pop() ?? 0) });
    const { port } = listener.addr;
    const close = listener.close.bind(listener);
    listener.close = () => (close(), void left.push(port));
    return listener;
  }) as typeof Deno.listen;
  try {
    await body();
  } finally {
    Deno.listen = listen;
  }
}

Deno.test("evaluator: its side channel takes none of its ports", () =>
  reusingPorts(async () => {
    const evaluator = await Evaluator.start({
      cwd: Deno.cwd(),
      signal: new AbortController().signal,
      onOutput: () => {},
      onInputRequest: () => {},
      whenRoom: () => Promise.resolve(),
    });
    assertEquals(await evaluator.query("6 * 7"), { value: 42 });
    evaluator.kill();
    await evaluator.ended;
  }));
