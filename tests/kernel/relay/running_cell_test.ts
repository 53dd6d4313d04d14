import { assert, assertEquals } from "@std/assert";
import type { Evaluator } from "../../../lib/kernel/evaluator/_process.ts";
import type { EventLoop } from "../../../lib/kernel/evaluator/_side_channel.ts";
import { RunningCell } from "../../../lib/kernel/relay/_running_cell.ts";

/** An evaluator whose event loop does so, and what was done to it. */
function evaluator(loop: EventLoop | undefined) {
  const done: string[] = [];
  const fake = {
    death: undefined,
    sideChannel: {
      interrupt: (cell: number) => done.push(`flag ${cell}`),
      eventLoop: () => Promise.resolve(loop),
      collect: () => done.push("collect"),
    },
    terminateExecution: () => done.push("terminate"),
    kill: () => done.push("kill"),
  };
  return { done, fake: fake as unknown as Evaluator };
}

/** Interrupts a cell that ends by itself after so many milliseconds. */
async function interrupt(loop: EventLoop | undefined, endsAfter: number, interrupts = 1) {
  const { done, fake } = evaluator(loop);
  const cell = new RunningCell(7);
  cell.takenBy(fake);
  const told: string[] = [];
  const timer = setTimeout(() => cell.end(), endsAfter);
  await Promise.all(
    Array.from({ length: interrupts }, () => cell.interrupt((line) => told.push(line))),
  );
  clearTimeout(timer);
  return { done, cell, told };
}

Deno.test("interrupt: a cell that sees its flag is left to end", async () => {
  const { done, cell, told } = await interrupt("stands", 0);
  assertEquals([done, cell.isTerminated, told], [["flag 7"], false, []]);
});

Deno.test("interrupt: JavaScript is terminated only where the event loop stands still", async () => {
  const standing = await interrupt("stands", 300);
  assertEquals([standing.done, standing.cell.isTerminated], [["flag 7", "terminate"], true]);
  const turning = await interrupt("turns", 300);
  assertEquals([turning.done, turning.cell.isTerminated], [["flag 7"], false]);
});

Deno.test("interrupt: a cell that looks at its flag, or of which nothing is known, is not terminated", async () => {
  for (const loop of ["polls", undefined] as const) {
    const { done, cell } = await interrupt(loop, 600);
    assertEquals([done, cell.isTerminated], [["flag 7"], false], `${loop}`);
  }
});

Deno.test("interrupt: two quick ones are one", async () => {
  const { done } = await interrupt("turns", 0, 2);
  assertEquals(done, ["flag 7"]);
});

Deno.test("interrupt: a cell that goes on is told of, and the next one ends the evaluator", async () => {
  const { done, cell, told } = await interrupt("turns", 10_000);
  assertEquals([done, told.length], [["flag 7"], 1]);
  await cell.interrupt(() => {});
  assertEquals(done, ["flag 7", "kill"]);
});

Deno.test("interrupt: V8 is told again until the code ends, then to collect what never settles", async () => {
  const { done, told } = await interrupt("stands", 10_000);
  assertEquals(done, ["flag 7", ...Array(10).fill("terminate"), "collect"]);
  assertEquals(told.length, 1);
  const ends = await interrupt("stands", 450);
  assertEquals(ends.done.slice(0, 3), ["flag 7", "terminate", "terminate"]);
  assert(ends.done.length < 8 && !ends.done.includes("collect"), ends.done.join());
});

Deno.test("interrupt: a cell that no evaluator has is dropped", async () => {
  const cell = new RunningCell(7);
  const dropped = cell.dropped.then((why) => why);
  await cell.interrupt(() => {});
  assertEquals([await dropped, cell.isInterrupted], ["dropped", true]);
});
