import { assertEquals } from "@std/assert";
import type { Evaluator } from "../../../lib/kernel/evaluator/_process.ts";
import type { EventLoop } from "../../../lib/kernel/evaluator/_side_channel.ts";
import { RunningCell } from "../../../lib/kernel/relay/_running_cell.ts";

/** What is done to an evaluator, each as often as counted. */
type Deed = "flag" | "look" | "terminate" | "collect" | "kill";

/**
 * Interrupts a cell whose event loop does so, and which ends when that was done for the n-th time, a
 * turn later.
 */
async function interrupt(
  loop: EventLoop | undefined,
  [last, times]: readonly [Deed, number] | readonly [] = [],
  interrupts = 1,
) {
  const done: string[] = [];
  const cell = new RunningCell(7);
  const counts: Partial<Record<Deed, number>> = {};
  const noted = (deed: Deed, shown?: string) => {
    if (shown !== undefined) done.push(shown);
    counts[deed] = (counts[deed] ?? 0) + 1;
    if (deed === last && counts[deed] === times) setTimeout(() => cell.end());
  };
  const fake = {
    death: undefined,
    sideChannel: {
      interrupt: (cell: number) => noted("flag", `flag ${cell}`),
      eventLoop: () => Promise.resolve(loop).finally(() => noted("look")),
      collect: () => noted("collect", "collect"),
    },
    terminateExecution: () => noted("terminate", "terminate"),
    kill: () => noted("kill", "kill"),
  };
  cell.takenBy(fake as unknown as Evaluator);
  const told: string[] = [];
  await Promise.all(
    Array.from({ length: interrupts }, () => cell.interrupt((line) => told.push(line))),
  );
  return { done, cell, told, looks: counts.look ?? 0 };
}

Deno.test("interrupt: a cell that sees its flag is left to end", async () => {
  const { done, cell, told } = await interrupt("stands", ["flag", 1]);
  assertEquals([done, cell.isTerminated, told], [["flag 7"], false, []]);
});

Deno.test("interrupt: JavaScript is terminated only where the event loop stands still", async () => {
  const standing = await interrupt("stands", ["terminate", 1]);
  assertEquals([standing.done, standing.cell.isTerminated], [["flag 7", "terminate"], true]);
  const { done, cell, looks } = await interrupt("turns");
  assertEquals([done, cell.isTerminated, looks], [["flag 7"], false, 1]);
});

Deno.test("interrupt: a cell that looks at its flag, or of which nothing is known, is not terminated", async () => {
  for (const loop of ["polls", undefined] as const) {
    const { done, cell } = await interrupt(loop, ["look", 3]);
    assertEquals([done, cell.isTerminated], [["flag 7"], false], `${loop}`);
  }
});

Deno.test("interrupt: two quick ones are one", async () => {
  const { done } = await interrupt("turns", ["flag", 1], 2);
  assertEquals(done, ["flag 7"]);
});

Deno.test("interrupt: a cell that goes on is told of, and the next one ends the evaluator", async () => {
  const { done, cell, told } = await interrupt("turns");
  assertEquals([done, told.length], [["flag 7"], 1]);
  await cell.interrupt(() => {});
  assertEquals(done, ["flag 7", "kill"]);
});

Deno.test("interrupt: V8 is told again until the code ends, then to collect what never settles", async () => {
  const { done, told } = await interrupt("stands");
  assertEquals(done, ["flag 7", ...Array(10).fill("terminate"), "collect"]);
  assertEquals(told.length, 1);
  const ends = await interrupt("stands", ["terminate", 3]);
  assertEquals(ends.done, ["flag 7", "terminate", "terminate", "terminate"]);
});

Deno.test("interrupt: a cell that no evaluator has is dropped", async () => {
  const cell = new RunningCell(7);
  const dropped = cell.dropped.then((why) => why);
  await cell.interrupt(() => {});
  assertEquals([await dropped, cell.isInterrupted], ["dropped", true]);
});
