import type { Evaluator } from "../evaluator/mod.ts";

/** The cell that runs or is about to, as far as interrupts care. */
export interface RunningCell {
  readonly number: number;
  /** The evaluator that has it; until then the cell can simply be dropped. */
  evaluator: Evaluator | undefined;
  /** Resolves when it is interrupted before an evaluator has it. */
  readonly dropped: Promise<"dropped">;
  drop(): void;
  over: boolean;
  /** Interrupts so far. */
  interrupts: number;
  /** V8 was told to stop the JavaScript that runs. */
  terminated: boolean;
  /** It did not stop: the next interrupt ends the evaluator. */
  stuck: boolean;
}

export function runningCell(number: number): RunningCell {
  const { promise: dropped, resolve } = Promise.withResolvers<"dropped">();
  return {
    number,
    evaluator: undefined,
    dropped,
    drop: () => resolve("dropped"),
    over: false,
    interrupts: 0,
    terminated: false,
    stuck: false,
  };
}

/** How long a cell may take to notice the flag, before it is checked whether its event loop turns. */
const NOTICE_MS = 200;
/** Without an answer in this time, the event loop stands still. */
const PING_MS = 300;
/** How long a cell may take to end once V8 was told to stop it. */
const TERMINATE_MS = 100;
const MAX_TRIES = 10;
/** A cell that goes on for so long after all this is reported to the user. */
const STUCK_MS = 2500;

/**
 * Stops a cell: by its flag and its pending awaits first; by V8's terminate only when the event loop
 * stands still, because that leaves a cell which awaits something hanging forever; and when all of
 * it did not help, the next interrupt ends the evaluator.
 *
 * @param tell shows a line in the cell
 */
export async function interruptCell(
  cell: RunningCell,
  tell: (line: string) => void,
): Promise<void> {
  cell.interrupts++;
  const { evaluator } = cell;
  if (!evaluator) return cell.drop();
  const isOver = () => cell.over || evaluator.death !== undefined;
  const wait = async (milliseconds: number) => {
    for (const end = performance.now() + milliseconds; !isOver() && performance.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  if (cell.interrupts > 1) {
    if (cell.stuck) evaluator.kill();
    return;
  }
  evaluator.sideChannel.interrupt(cell.number);
  await wait(NOTICE_MS);
  // Again and again: where it meets native code, the end that V8 was told is sometimes lost.
  for (let tries = 0; tries < MAX_TRIES && !isOver(); tries++) {
    if (await evaluator.sideChannel.isResponsive(PING_MS) || isOver()) break;
    cell.terminated = true;
    evaluator.terminateExecution();
    await wait(TERMINATE_MS);
  }
  // Stopped behind an await, a cell is a promise that never settles: V8 tells Deno's kernel of the
  // end only when it collects that promise.
  if (!isOver() && cell.terminated) evaluator.sideChannel.collect();
  await wait(STUCK_MS);
  if (isOver()) return;
  cell.stuck = true;
  tell(
    "This cell does not stop. Interrupt it again to end the evaluator (its variables are lost), " +
      "or wait.",
  );
}
