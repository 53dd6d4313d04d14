/**
 * A peer without an engine, for the harness's own test: a step takes no time, the n-th answers
 * n ms. Its argument is what is to go wrong: "print", "fail", "nan", "hang" or "end".
 */
import { residentMemory, serve } from "./_serve.ts";

const flaw = Deno.args[0];
let step = 0;

await serve({
  hello: () => Promise.resolve({ name: "Fake", version: "1", threads: 1 }),
  setup: () => Promise.resolve(),
  async run(steps) {
    if (flaw === "print") Deno.stdout.writeSync(new TextEncoder().encode("a library says hello\n"));
    if (flaw === "fail") throw new Error("out of luck");
    if (flaw === "hang") await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (flaw === "end") Deno.exit(3);
    const ms = Array.from({ length: steps }, () => ++step);
    return { ms, loss: flaw === "nan" ? NaN : 1 };
  },
  memory: () => Promise.resolve({ ...residentMemory(), tensors: 7 }),
});
