import { formatSeconds, LiveTable, type Output } from "../terminal/mod.ts";
import type { StepLine, SweepLine } from "./_sweep_lines.ts";

/** Milliseconds between two drawings on a terminal. */
const REDRAWN = 200;
/** Milliseconds between two lines of a run that is being trained, elsewhere. */
const CALM = 30_000;

/** What is known of an experiment. */
interface Counts {
  total: number;
  readonly done: Set<string>;
}

/** A run that is being trained. */
interface Running {
  readonly line: StepLine;
  /** Its first step that was seen, by which its pace is measured. */
  readonly first: { readonly step: number; readonly time: number };
  /** When a line was written of it. */
  readonly told: number;
}

/**
 * Tells of sweeps, of several processes too: a line that stays for each run; on a terminal a table of
 * those that are being trained, elsewhere a line of each now and then; and what failed, once more, in
 * the end.
 */
export class SweepTeller {
  readonly #table: LiveTable;
  readonly #isTerminal: boolean;
  readonly #now: () => number;
  readonly #started: number;
  readonly #experiments = new Map<string, Counts>();
  readonly #running = new Map<string, Running>();
  readonly #failures = new Map<string, SweepLine & { type: "failed" | "diverged" }>();
  #drawn = -Infinity;

  constructor(output: Output, { now = () => performance.now() } = {}) {
    this.#table = new LiveTable(output);
    this.#isTerminal = output.isTerminal;
    this.#now = now;
    this.#started = now();
  }

  /** Writes a line that stays. */
  print(text: string): void {
    this.#table.print(text);
  }

  tell(line: SweepLine): void {
    const counts = this.#countsOf(line.experiment);
    switch (line.type) {
      case "sweep":
        counts.total = line.runs;
        return;
      case "step":
        return this.#step(line);
      case "run": {
        // Each of several processes tells of it.
        if (counts.done.has(line.run)) return;
        counts.done.add(line.run);
        this.#running.delete(keyOf(line));
        this.#failures.delete(keyOf(line));
        const { experiment, what, testError, source } = line;
        const error = `test error ${(100 * (testError ?? NaN)).toFixed(2)} %`;
        const number = `${counts.done.size} of ${counts.total}`;
        return this.print(
          `${experiment} ${number}: ${what}: ${error} (${source}, ${this.#minutes})`,
        );
      }
      case "warning":
        return this.print(`${line.experiment}: ${line.what}: ${line.message}`);
      case "diverged":
      case "failed": {
        this.#running.delete(keyOf(line));
        if (this.#failures.get(keyOf(line))?.message === line.message) return;
        this.#failures.set(keyOf(line), { ...line, type: line.type });
        return this.print(`${line.experiment}: ${line.what}: ${line.message}`);
      }
      case "wait":
        this.#draw(`; waiting for ${line.runs} runs of other processes`);
    }
  }

  /** How many runs were given up, by why. */
  get failed(): number {
    return this.#given("failed");
  }

  get diverged(): number {
    return this.#given("diverged");
  }

  /** Runs that are neither finished nor given up. */
  get unfinished(): number {
    const total = this.#experiments.values().reduce((sum, { total }) => sum + total, 0);
    const done = this.#experiments.values().reduce((sum, { done }) => sum + done.size, 0);
    return total - done - this.#failures.size;
  }

  /** Removes the table, and tells what failed, which may stand far above, and which parts are empty. */
  end(): void {
    this.#table.draw([], { last: true });
    for (const [name, { total }] of this.#experiments) {
      if (total === 0) this.print(`${name}: this part has no runs`);
    }
    const count = this.#failures.size;
    if (count === 0) return;
    this.print(`${count} of ${this.unfinished + count + this.#doneCount} runs failed:`);
    for (const { experiment, what, message } of this.#failures.values()) {
      this.print(`  ${experiment}: ${what}: ${message}`);
    }
  }

  get #doneCount(): number {
    return this.#experiments.values().reduce((sum, { done }) => sum + done.size, 0);
  }

  #given(type: "failed" | "diverged"): number {
    return this.#failures.values().filter((line) => line.type === type).toArray().length;
  }

  #countsOf(experiment: string): Counts {
    const found = this.#experiments.get(experiment) ?? { total: 0, done: new Set() };
    this.#experiments.set(experiment, found);
    return found;
  }

  get #minutes(): string {
    return `${((this.#now() - this.#started) / 60_000).toFixed(1)} min`;
  }

  #step(line: StepLine): void {
    const time = this.#now();
    const before = this.#running.get(keyOf(line));
    const first = before?.first ?? { step: stepOf(line), time };
    const isDue = !this.#isTerminal && time - (before?.told ?? this.#started) >= CALM;
    const told = isDue ? time : before?.told ?? time;
    this.#running.set(keyOf(line), { line, first, told });
    if (isDue) this.print(`${line.experiment}: ${this.#cellsOf({ line, first, told }).join("  ")}`);
    if (time - this.#drawn >= REDRAWN) this.#draw();
  }

  #draw(note = ""): void {
    this.#drawn = this.#now();
    const counts = this.#experiments.entries().map(([name, { total, done }]) =>
      `${name}: ${done.size} of ${total} runs`
    );
    const head = `${counts.toArray().join(", ")}, ${this.#minutes}${note}`;
    const rows = this.#running.values().map((running) => this.#cellsOf(running));
    this.#table.draw([[head], ...rows]);
  }

  #cellsOf({ line, first }: Running): string[] {
    const { what, epoch, epochs, stepInEpoch, stepsPerEpoch, loss, imagesPerSecond } = line;
    const pace = (this.#now() - first.time) / 1000 / (stepOf(line) - first.step);
    const left = epochs * stepsPerEpoch - stepOf(line);
    return [
      what,
      `epoch ${epoch}/${epochs}`,
      `step ${stepInEpoch}/${stepsPerEpoch}`,
      `loss ${(loss ?? NaN).toFixed(4)}`,
      `${imagesPerSecond.toFixed(0)} images/s`,
      ...Number.isFinite(pace) ? [`ETA ${formatSeconds(pace * left)}`] : [],
    ];
  }
}

function keyOf({ experiment, run }: { readonly experiment: string; readonly run: string }): string {
  return `${experiment}/${run}`;
}

/** Steps done since the beginning of the run. */
function stepOf({ epoch, stepInEpoch, stepsPerEpoch }: StepLine): number {
  return (epoch - 1) * stepsPerEpoch + stepInEpoch;
}
