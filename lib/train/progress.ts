// @ts-types="./_cli_progress.d.ts"
import { Format, SingleBar } from "cli-progress";
import type { StepEvent, TrainEvent } from "./events.ts";
import type { TaskRow } from "./rows.ts";
import {
  describeEnd,
  describeEpoch,
  describeEpochNumber,
  describeStart,
  describeStep,
} from "./_progress_text.ts";

/** Where progress goes. */
export interface ProgressOutput {
  /** Whether it can redraw a line. */
  readonly isTerminal: boolean;
  /** Characters in a line. */
  readonly columns: number;
  write(text: string): void;
}

/** Options of {@linkcode createProgress}. */
export interface ProgressOptions {
  /** @default {"stderr"} */
  output?: "stdout" | "stderr" | ProgressOutput;
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
 * using progress = train.createProgress();
 * progress.show({ type: "warning", message: "It will take a while" });
 * ```
 */
export function createProgress(
  { output = "stderr", color = !Deno.noColor, now = Date.now }: ProgressOptions = {},
): Progress {
  const target = typeof output === "string" ? openOutput(output) : output;
  const { isTerminal } = target;
  const paint = (code: number, text: string) =>
    isTerminal && color ? `\x1b[${code}m${text}\x1b[0m` : text;
  // Training must not stop because a reader (`| head`) went away: the next write tries again.
  const write = (text: string) => void attempt(() => target.write(text));
  /** What cli-progress uses of a Node stream. */
  const stream = {
    isTTY: true,
    get columns() {
      return attempt(() => target.columns) ?? 80;
    },
    write,
  };
  let [epochs, stepsPerEpoch] = [0, 0];
  let checkpoint: string | undefined;
  let first: { readonly step: number; readonly time: number } | undefined;
  let lastLine = now();
  let bar: SingleBar<Payload> | undefined;

  function show(event: TrainEvent<TaskRow>): void {
    switch (event.type) {
      case "start":
        ({ epochs, stepsPerEpoch } = event);
        checkpoint = event.resumedFrom?.path;
        return print(describeStart(event));
      case "step":
        return showStep(event);
      case "epoch": {
        const { train, evaluated: [test, ...others], speed } = describeEpoch(event);
        const number = describeEpochNumber(event.row.epoch, epochs);
        const tested = test === undefined ? [] : [paint(1, test), ...others];
        return print([number, train, ...tested, ...speed].join("  "));
      }
      case "checkpoint":
        checkpoint = event.path;
        return;
      case "warning":
        return print(paint(33, event.message));
      case "end":
        return print(describeEnd(event, checkpoint));
    }
  }

  function showStep(event: StepEvent): void {
    const time = now();
    first ??= { step: event.step, time };
    const pace = (time - first.time) / 1000 / (event.step - first.step);
    const eta = Number.isFinite(pace) ? pace * (epochs * stepsPerEpoch - event.step) : undefined;
    if (bar) {
      bar.update(event.stepInEpoch, { event, eta });
    } else if (isTerminal) {
      bar = createBar();
      bar.start(stepsPerEpoch, event.stepInEpoch, { event, eta });
    } else if (time - lastLine >= CALM_INTERVAL) {
      const done = `step ${event.stepInEpoch}/${stepsPerEpoch}`;
      print([describeEpochNumber(event.epoch, epochs), done, ...describeStep(event, eta)]
        .join("  "));
    }
  }

  function createBar(): SingleBar<Payload> {
    return new SingleBar({
      stream,
      fps: 5,
      barsize: 12,
      clearOnComplete: true,
      // It leaves the terminal's own wrapping alone, so a killed process leaves no mess.
      linewrap: true,
      format: (options, { progress, maxWidth }, { event, eta }) =>
        fit([
          describeEpochNumber(event.epoch, epochs),
          `[${Format.BarFormat(progress, options)}]`,
          ...describeStep(event, eta),
        ], maxWidth),
    });
  }

  function print(line: string): void {
    close();
    write(`${line}\n`);
    lastLine = now();
  }

  function close(): void {
    bar?.stop();
    bar = undefined;
  }

  return { show, close, [Symbol.dispose]: close };
}

interface Payload {
  readonly event: StepEvent;
  readonly eta: number | undefined;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** As many parts as go into a line. */
function fit(parts: string[], width: number): string {
  const text = parts.join("  ");
  return text.length < width || parts.length === 1 ? text : fit(parts.slice(0, -1), width);
}

function openOutput(name: "stdout" | "stderr"): ProgressOutput {
  const stream = Deno[name];
  return {
    isTerminal: stream.isTerminal(),
    get columns() {
      return Deno.consoleSize().columns;
    },
    write(text) {
      const bytes = new TextEncoder().encode(text);
      for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
    },
  };
}
