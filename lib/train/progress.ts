import { type Bar, openBar, type Output, streamOutput, tolerant } from "../terminal/mod.ts";
import type { EpochEvent, StepEvent, TrainEvent } from "./events.ts";
import type { TaskRow } from "../metrics/mod.ts";
import {
  describeEnd,
  describeEpoch,
  describeEpochNumber,
  describeStart,
  describeStep,
} from "./_progress_text.ts";

/** Options of {@linkcode createProgress}. */
export interface ProgressOptions {
  /** @default {"stderr"} */
  output?: "stdout" | "stderr" | Output;
  /** Whether a terminal gets colours; by default unless `NO_COLOR` is set. */
  color?: boolean;
  /** The clock, in milliseconds. */
  now?: () => number;
}

/** Shows events until it is closed; neither method ever throws. */
export interface Progress extends Disposable {
  show(event: TrainEvent<TaskRow>): void;
  /** Removes the live bar, whose timer would keep the process alive. */
  close(): void;
}

/** A long epoch gives a sign of life this often (in milliseconds) where there is no live bar. */
const CALM_INTERVAL = 30_000;

/**
 * Terminal progress of a training run. On a terminal: one live bar for the running epoch and one
 * line for each finished epoch. Elsewhere (a log file, CI): one line for each epoch, at most one
 * every 30 s within an epoch, and no control characters.
 *
 * @example
 * ```ts
 * import { train } from "sam";
 *
 * // `for await (const event of train.train(config)) progress.show(event);`
 * using progress = train.createProgress();
 * progress.show({ type: "warning", message: "The loss is not finite" });
 * ```
 */
export function createProgress(options: ProgressOptions = {}): Progress {
  return new RunProgress(options);
}

/** What is known of a run so far, and its live bar. */
class RunProgress implements Progress {
  readonly #output: Output;
  readonly #colored: boolean;
  readonly #now: () => number;
  #epochs = 0;
  #stepsPerEpoch = 0;
  /** The path of the last checkpoint. */
  #checkpoint: string | undefined;
  /** The first step that was seen, by which the pace is measured. */
  #first: { readonly step: number; readonly time: number } | undefined;
  #lastLine: number;
  #bar: Bar<Payload> | undefined;

  constructor({ output = "stderr", color = !Deno.noColor, now = Date.now }: ProgressOptions) {
    this.#output = tolerant(typeof output === "string" ? streamOutput(Deno[output]) : output);
    this.#colored = color && this.#output.isTerminal;
    this.#now = now;
    this.#lastLine = now();
  }

  show(event: TrainEvent<TaskRow>): void {
    switch (event.type) {
      case "start":
        this.#epochs = event.epochs;
        this.#stepsPerEpoch = event.stepsPerEpoch;
        this.#checkpoint = event.resumedFrom?.path;
        return this.#print(describeStart(event));
      case "step":
        return this.#showStep(event);
      case "epoch":
        return this.#showEpoch(event);
      case "checkpoint":
        this.#checkpoint = event.path;
        return;
      case "warning":
        return this.#print(this.#paint(33, event.message));
      case "end":
        return this.#print(describeEnd(event, this.#checkpoint));
    }
  }

  close(): void {
    this.#bar?.close();
    this.#bar = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #showStep(event: StepEvent): void {
    const time = this.#now();
    const state = { event, eta: this.#secondsLeft(event, time) };
    if (this.#bar) {
      this.#bar.update(event.stepInEpoch, state);
    } else if (this.#output.isTerminal) {
      const total = this.#stepsPerEpoch;
      const line = (bar: string, { event, eta }: Payload) => [
        describeEpochNumber(event.epoch, this.#epochs),
        bar,
        ...describeStep(event, eta),
      ];
      const look = { total, width: 12, stays: false, line };
      this.#bar = openBar(this.#output, look, event.stepInEpoch, state);
    } else if (time - this.#lastLine >= CALM_INTERVAL) {
      const number = describeEpochNumber(event.epoch, this.#epochs);
      const done = `step ${event.stepInEpoch}/${this.#stepsPerEpoch}`;
      this.#print([number, done, ...describeStep(event, state.eta)].join("  "));
    }
  }

  #showEpoch(event: EpochEvent<TaskRow>): void {
    const { train, evaluated: [test, ...others], speed } = describeEpoch(event);
    const number = describeEpochNumber(event.row.epoch, this.#epochs);
    const tested = test === undefined ? [] : [this.#paint(1, test), ...others];
    this.#print([number, train, ...tested, ...speed].join("  "));
  }

  /** Seconds to the end of the run; undefined at the first step, which tells no pace. */
  #secondsLeft({ step }: StepEvent, time: number): number | undefined {
    this.#first ??= { step, time };
    const pace = (time - this.#first.time) / 1000 / (step - this.#first.step);
    return Number.isFinite(pace) ? pace * (this.#epochs * this.#stepsPerEpoch - step) : undefined;
  }

  #paint(code: number, text: string): string {
    return this.#colored ? `\x1b[${code}m${text}\x1b[0m` : text;
  }

  #print(line: string): void {
    this.close();
    this.#output.write(`${line}\n`);
    this.#lastLine = this.#now();
  }
}

interface Payload {
  readonly event: StepEvent;
  readonly eta: number | undefined;
}
