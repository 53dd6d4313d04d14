import type { Evaluator } from "../evaluator/mod.ts";

/** How long a cell may take to notice the flag, before it is checked whether its event loop turns. */
const NOTICE_MS = 200;
/** Without an answer in this time, the event loop stands still. */
const PING_MS = 300;
/** How long a cell may take to end once V8 was told to stop it. */
const TERMINATE_MS = 100;
const MAX_TRIES = 10;
/** A cell that goes on for so long after all this is reported to the user. */
const STUCK_MS = 2500;

/** The cell that runs or is about to, as far as interrupts care. */
export class RunningCell {
  readonly number: number;
  /** Resolves when it is interrupted before an evaluator has it. */
  readonly dropped: Promise<"dropped">;
  readonly #drop: (why: "dropped") => void;
  #evaluator: Evaluator | undefined;
  #over = false;
  #interrupts = 0;
  #terminated = false;
  #stuck = false;

  constructor(number: number) {
    this.number = number;
    const { promise, resolve } = Promise.withResolvers<"dropped">();
    this.dropped = promise;
    this.#drop = resolve;
  }

  /** The evaluator that has it; until then the cell can simply be dropped. */
  get evaluator(): Evaluator | undefined {
    return this.#evaluator;
  }

  get isInterrupted(): boolean {
    return this.#interrupts > 0;
  }

  /** Whether V8 was told to stop the JavaScript that runs. */
  get isTerminated(): boolean {
    return this.#terminated;
  }

  takenBy(evaluator: Evaluator): void {
    this.#evaluator = evaluator;
  }

  end(): void {
    this.#over = true;
  }

  /**
   * Stops the cell: by its flag and its pending awaits first; by V8's terminate only when the event
   * loop stands still, because that leaves a cell which awaits something hanging forever; and when
   * all of it did not help, the next interrupt ends the evaluator.
   *
   * @param tell shows a line in the cell
   */
  async interrupt(tell: (line: string) => void): Promise<void> {
    this.#interrupts++;
    const evaluator = this.#evaluator;
    if (!evaluator) return this.#drop("dropped");
    if (this.#interrupts > 1) {
      if (this.#stuck) evaluator.kill();
      return;
    }
    evaluator.sideChannel.interrupt(this.number);
    await this.#wait(NOTICE_MS);
    // Again and again: where it meets native code, the end that V8 was told is sometimes lost.
    for (let tries = 0; tries < MAX_TRIES && !this.#isOver(); tries++) {
      if (await evaluator.sideChannel.isResponsive(PING_MS) || this.#isOver()) break;
      this.#terminated = true;
      evaluator.terminateExecution();
      await this.#wait(TERMINATE_MS);
    }
    // Stopped behind an await, a cell is a promise that never settles: V8 tells Deno's kernel of the
    // end only when it collects that promise.
    if (!this.#isOver() && this.#terminated) evaluator.sideChannel.collect();
    await this.#wait(STUCK_MS);
    if (this.#isOver()) return;
    this.#stuck = true;
    tell(
      "This cell does not stop. Interrupt it again to end the evaluator (its variables are lost), " +
        "or wait.",
    );
  }

  #isOver(): boolean {
    return this.#over || this.#evaluator?.death !== undefined;
  }

  async #wait(milliseconds: number): Promise<void> {
    for (
      const end = performance.now() + milliseconds;
      !this.#isOver() && performance.now() < end;
    ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
