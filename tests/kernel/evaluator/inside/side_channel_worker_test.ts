/** The evaluator's end of the side channel, for a main thread that does what the test says. */
import { assertEquals } from "@std/assert";
import { SideChannel } from "../../../../lib/kernel/evaluator/_side_channel.ts";
import { PATIENCE_MS } from "../../../_wait.ts";
import { createShared, Word } from "../../../../lib/kernel/evaluator/inside/_shared.ts";

const WORKER = new URL(
  "../../../../lib/kernel/evaluator/inside/_side_channel_worker.ts",
  import.meta.url,
);

Deno.test("side channel: the worker says that an interrupted cell waits and looks at its flag", async () => {
  const channel = new SideChannel({ onOutput: () => {}, whenRoom: () => Promise.resolve() });
  const shared = createShared();
  const worker = new Worker(WORKER, { type: "module" });
  try {
    const connected = Promise.withResolvers<void>();
    let turns = true;
    worker.onmessage = ({ data }: MessageEvent<string>) => {
      if (data === "connected") connected.resolve();
      else if (data.startsWith("ping") && turns) worker.postMessage(data);
    };
    worker.postMessage({ port: channel.port, token: channel.token, shared });
    await connected.promise;
    assertEquals(await channel.eventLoop(PATIENCE_MS), "turns");
    turns = false;
    Atomics.store(shared.words, Word.POLLING, 7);
    channel.interrupt(6);
    assertEquals(
      await channel.eventLoop(200, PATIENCE_MS),
      "stands",
      "another cell is interrupted",
    );
    channel.interrupt(7);
    assertEquals(await channel.eventLoop(200, PATIENCE_MS), "polls");
    Atomics.store(shared.words, Word.POLLING, 0);
    assertEquals(await channel.eventLoop(200, PATIENCE_MS), "stands");
  } finally {
    worker.terminate(); // first: without its connection it ends the process
    channel.close();
  }
});
